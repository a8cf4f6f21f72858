import fc from "fast-check";

const factor = Number(process.env["SOAK"] ?? 1);

/** What fast-check tries where a test does not say. */
const USUAL_RUNS = 100;

if (factor > 1) fc.configureGlobal({ numRuns: USUAL_RUNS * factor });

/** How many random cases to try: `few` in the tests, as many times more as `npm run soak` asks for. */
export function share(few: number): number {
  return few * factor;
}
