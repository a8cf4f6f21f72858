interface Place {
  readonly line: number;
  readonly column: number;
}

/** A device, or a tag of one, that a program names: `io.infeed.exitEye`. */
export interface NamedTag extends Place {
  readonly device: string;
  /** Undefined: only the device is named here. */
  readonly tag: string | undefined;
  readonly use: "read" | "write" | "peek";
}

/** A pool that a program names, and the job it orders there: `pools.pickers.submit("carry")`. */
export interface NamedPool extends Place {
  readonly pool: string;
  /** Undefined: none is ordered here, or which one is known later. */
  readonly job: string | undefined;
}

/*
 * Names are found by their looks, not by parsing: `io` and `pools` are what everybody calls them, and a name that is put together while the program
 * runs is found then.
 */

/** Comments and texts; a text that stands for a name is kept. */
const NO_CODE =
  /\/\/[^\n]*|\/\*[^]*?\*\/|`(?:\\[^]|[^`\\])*`|(\[\s*|\b(?:peek|submit)\(\s*)?("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')/g;
const IO = /(?<![\w$."'`])io(?=\s*(?:\?\.|\.|\[))/g;
const POOLS = /(?<![\w$."'`])pools(?=\s*(?:\?\.|\.|\[))/g;
const NAME = /\s*(?:(?:\?\.|\.)\s*([A-Za-z_$][\w$]*)|(?:\?\.)?\[\s*(["'])([^"'\n]*)\2\s*\])/y;
const PATH = /\(\s*(["'])([^"'\n]*)\1\s*\)/y;
const SUBMIT = /\s*(?:\?\.|\.)\s*submit\(\s*(["'])([^"'\n]*)\1/y;
const CHANGES = /\s*(?:(?:\*\*|<<|>>>?|&&|\|\||\?\?|[-+*/%&|^])?=(?![=>])|\+\+|--)/y;

/** The tags that a program's text names. */
export function findNames(text: string): readonly NamedTag[] {
  const code = codeOf(text);
  return [...code.matchAll(IO)].flatMap(({ index }) => namedAt(code, index));
}

/** The pools that a program's text names. */
export function findPools(text: string): readonly NamedPool[] {
  const code = codeOf(text);
  return [...code.matchAll(POOLS)].flatMap(({ index }) => {
    const pool = nameAt(code, index + "pools".length);
    if (!pool) return [];
    return { pool: pool.name, job: matchAt(SUBMIT, code, pool.end)?.[2], ...placeAt(code, index) };
  });
}

function codeOf(text: string): string {
  return text.replace(NO_CODE, (match, keeps: string | undefined) =>
    keeps === undefined ? match.replace(/[^\n]/g, " ") : match,
  );
}

function namedAt(code: string, index: number): readonly NamedTag[] {
  const place = placeAt(code, index);
  const device = nameAt(code, index + "io".length);
  if (!device) return [];
  if (device.name === "peek") return peeked(code, device.end, place);
  const tag = nameAt(code, device.end);
  if (!tag) return [{ device: device.name, tag: undefined, use: "read", ...place }];
  return [{ device: device.name, tag: tag.name, use: matchAt(CHANGES, code, tag.end) ? "write" : "read", ...place }];
}

function peeked(code: string, end: number, place: Place): readonly NamedTag[] {
  const path = matchAt(PATH, code, end)?.[2];
  if (path === undefined) return [];
  const [device = "", tag] = path.split(".");
  return [{ device, tag, use: "peek", ...place }];
}

function nameAt(code: string, at: number): { readonly name: string; readonly end: number } | undefined {
  const match = matchAt(NAME, code, at);
  const name = match?.[1] ?? match?.[3];
  return match && name !== undefined ? { name, end: at + match[0].length } : undefined;
}

function matchAt(pattern: RegExp, code: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(code);
}

function placeAt(code: string, index: number): Place {
  const before = code.slice(0, index).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
