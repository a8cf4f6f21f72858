import type { TagEntry } from "../../device/tag-table.ts";
import { conditionFault } from "../image/condition-fault.ts";
import type { InputImage } from "../image/process-image.ts";

/** What of the output's `requires` does not hold on good inputs; undefined: nothing stands in the way. */
export function interlockFault(
  { tag }: TagEntry,
  image: InputImage | undefined,
  find: (tag: string) => TagEntry | undefined,
): string | undefined {
  const requires = tag.write?.requires ?? [];
  if (requires.length === 0) return undefined;
  if (!image) return "its inputs have not been read yet";
  const faults = requires.flatMap((condition) => conditionFault(condition, { image, find })?.reason ?? []);
  return faults.length === 0 ? undefined : faults.join(", ");
}
