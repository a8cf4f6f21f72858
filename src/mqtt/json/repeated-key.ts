/** Strings, and what opens, closes and separates; of a JSON text that has been parsed already. */
const TOKEN = /"(?:[^"\\]+|\\.)*"|[{}[\],:]/g;

/**
 * The first key that one of the objects of a valid JSON text has twice; undefined where each has its keys once. JSON
 * leaves open which of the two counts (RFC 8259, 4), and JSON.parse silently takes the last.
 */
export function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  let text: string | undefined;
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (token === ":" && text !== undefined) {
      const key = String(JSON.parse(text));
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
    text = token;
  }
  return undefined;
}
