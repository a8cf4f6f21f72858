import type { TagEntry } from "../../device/tag-table.ts";
import type { LogFields } from "../../kit/logger.ts";
import type { InputImage } from "./process-image.ts";
import { isArrayValue, type Value } from "../../device/quality.ts";

/** Numbers are held to agree within the tolerance and what rounding of a float can add to it. */
const ROUNDING = 1e-9;

/** Whether what is read back is what was wanted; numbers within `tolerance`, everything else exactly. */
export function agrees(wanted: Value, seen: Value | null, tolerance: number): boolean {
  if (seen === null) return false;
  if (isArrayValue(wanted)) {
    return (
      isArrayValue(seen) &&
      wanted.length === seen.length &&
      wanted.every((element, index) => agrees(element, seen[index] ?? null, tolerance))
    );
  }
  if (typeof wanted === "number" && typeof seen === "number") {
    return Math.abs(wanted - seen) <= tolerance + ROUNDING * Math.max(1, Math.abs(wanted));
  }
  return wanted === seen;
}

/** A level that is not as wanted, for the log. */
export function disagreement({ device, tag, index }: TagEntry, wanted: Value, image: InputImage): LogFields {
  const { value } = image.sample(index);
  return { device: device.name, tag: tag.name, wanted: String(wanted), found: String(value) };
}
