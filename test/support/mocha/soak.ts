import fc from "fast-check";

const factor = Number(process.env["SOAK"] ?? 1);

/** What fast-check tries where a test does not say. */
const USUAL_RUNS = 100;

if (factor > 1) fc.configureGlobal({ numRuns: USUAL_RUNS * factor });

/** How many random cases to try: `few` in the tests, as many times more as `npm run soak` asks for; `SOAK=0.1` a tenth. */
export function share(few: number): number {
  return Math.max(1, Math.round(few * factor));
}

/** How many virtual hours each generated plant is lived in: `usual` in the tests, `SOAK_HOURS` where that is set. */
export function soakHours(usual: number): number {
  return Number(process.env["SOAK_HOURS"] ?? usual);
}
