import { isBitTable } from "../../device/location.ts";
import { tagSpan } from "../../device/tag-span.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import type { Request } from "../../modbus/request.ts";

/** The addresses a request writes; undefined where it writes none. */
function written(request: Request): { readonly bits: boolean; readonly from: number; readonly to: number } | undefined {
  switch (request.fc) {
    case 5:
      return { bits: true, from: request.address, to: request.address + 1 };
    case 15:
      return { bits: true, from: request.address, to: request.address + request.values.length };
    case 6:
    case 22:
      return { bits: false, from: request.address, to: request.address + 1 };
    case 16:
      return { bits: false, from: request.address, to: request.address + request.values.length };
    case 23:
      return { bits: false, from: request.writeAddress, to: request.writeAddress + request.values.length };
    default:
      return undefined;
  }
}

/** Goes to every unit of a wire, also of one behind a gateway; where there is none the endpoint takes it for its own. */
const EVERY_UNIT = 0;

/**
 * The output of the plant that a raw write would change past the output gate; undefined where it touches none. Registers
 * that no writable tag covers belong to nobody here and may be written. `entries` are those of one line.
 */
export function outputTouched(entries: readonly TagEntry[], unit: number, request: Request): TagEntry | undefined {
  const range = written(request);
  if (!range) return undefined;
  return entries.find(
    ({ device, tag }) =>
      (device.unit === unit || unit === EVERY_UNIT) &&
      tag.write !== undefined &&
      isBitTable(tag.at.table) === range.bits &&
      tag.at.address < range.to &&
      tag.at.address + tagSpan(tag) > range.from,
  );
}
