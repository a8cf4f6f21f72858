/** What `_gw/stats` says of cycle and lines, in a line; empty where it says nothing usable. */
export function timingText(stats: Readonly<Record<string, unknown>>): string {
  const cycle = recordOf(stats["cycle"]);
  const { p99, max } = recordOf(cycle["lateness"]);
  if (!isNumber(cycle["period"]) || !isNumber(p99) || !isNumber(max)) return "";
  const missed = isNumber(cycle["skipped"]) ? cycle["skipped"] : 0;
  const head = `cycle ${cycle["period"]} ms  p99 ${p99} ms late, at most ${max} ms, ${missed} missed`;
  const lines = Array.isArray(stats["lines"]) ? stats["lines"].map((line: unknown) => lineText(recordOf(line))) : [];
  return [head, ...lines.filter((text) => text !== "")].join("  ");
}

/** `wire 61 % (plan 72 %)`: utilisation, and what the plan reckons with at worst. */
function lineText({ line, utilisation, plan }: Readonly<Record<string, unknown>>): string {
  if (typeof line !== "string" || !isNumber(utilisation)) return "";
  const { load } = recordOf(plan);
  return `${line} ${percent(utilisation)}${isNumber(load) ? ` (plan ${percent(load)})` : ""}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
