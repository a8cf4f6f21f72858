import type { TagEntry } from "../../device/tag-table.ts";
import { ms, type Ms } from "../../kit/time.ts";

/** A good value may be this many of its periods old: one lost frame is not an event. */
const PERIODS = 2.5;

/** How old each tag's good value may be, by tag index; infinite for tags that are not read in turn. */
export function maxAges(entries: readonly TagEntry[], classes: ReadonlyMap<string, Ms>): readonly Ms[] {
  return entries.map(({ tag }) => {
    const period = classes.get(tag.scanClass);
    return tag.maxAge ?? ms(period === undefined ? Number.POSITIVE_INFINITY : period * PERIODS);
  });
}
