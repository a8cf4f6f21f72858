import { err, ok, type Result } from "../../kit/result.ts";

/** Reads `1-247`, `1,5,10-20`: units in the order of writing, each once. The failure is a sentence. */
export function parseUnits(text: string): Result<readonly number[], string> {
  const units = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^\s*(\d{1,3})(?:-(\d{1,3}))?\s*$/.exec(part);
    const first = Number(match?.[1] ?? NaN);
    const last = Number(match?.[2] ?? first);
    if (!(first <= last && last <= 255))
      return err(`--units "${part}" is no unit or range of 0..255, as in 1-247 or 1,5,10-20`);
    for (let unit = first; unit <= last; unit++) units.add(unit);
  }
  return ok([...units]);
}
