import { distance } from "fastest-levenshtein";

const MOST_SHOWN = 16;

/** What may have been meant by `written`, and what there is: `did you mean "x"? (known: x, y)`. */
export function didYouMean(written: string, known: readonly string[]): string {
  const near = nearest(written, known);
  const list = known.length === 0 ? "none is known" : `known: ${listed(known)}`;
  return near === undefined ? list : `did you mean "${near}"? (${list})`;
}

function nearest(written: string, known: readonly string[]): string | undefined {
  const most = Math.min(written.length - 1, Math.max(2, Math.floor(written.length / 3)));
  const [best] = known
    .map((name) => ({ name, steps: distance(written.toLowerCase(), name.toLowerCase()) }))
    .filter(({ steps }) => steps <= most)
    .toSorted((a, b) => a.steps - b.steps);
  return best?.name;
}

function listed(known: readonly string[]): string {
  const shown = known.slice(0, MOST_SHOWN).join(", ");
  return known.length > MOST_SHOWN ? `${shown}, … ${known.length - MOST_SHOWN} more` : shown;
}
