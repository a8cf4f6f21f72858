import { crc16 } from "../../modbus/crc16.ts";
import { IDENTIFICATION, identificationObjects } from "../../modbus/identification-layout.ts";
import { CRC_LENGTH } from "../line/strict-port.ts";

/** Unit, function code, check sum. */
export const SHORTEST_RTU_FRAME = 4;

const EXCEPTION_LENGTH = 5;
const ECHO_LENGTH = 8;
const MASK_ECHO_LENGTH = 10;

/** Unit, function code, byte count, check sum: what answers that count their bytes have beside them. */
const COUNTED_OVERHEAD = 5;

/** Whether the check sum at the end of `bytes[from..to)` is right. */
export function hasRightCrc(bytes: Buffer, from: number, to: number): boolean {
  const sum = (bytes[to - 2] ?? 0) | ((bytes[to - 1] ?? 0) << 8);
  return crc16(bytes, to - CRC_LENGTH, from) === sum;
}

/**
 * Length of the answer that begins at `from`, as it says itself; undefined while it has not said it, or for functions
 * that do not tell. The end of an identification (FC 43) is found by {@link endsIdentification}.
 */
export function ownLength(bytes: Buffer, from: number, to: number): number | undefined {
  const code = bytes[from + 1] ?? 0;
  if (code & 0x80) return EXCEPTION_LENGTH;
  switch (code) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 17:
    case 23:
      return from + 2 < to ? COUNTED_OVERHEAD + (bytes[from + 2] ?? 0) : undefined;
    case 5:
    case 6:
    case 15:
    case 16:
      return ECHO_LENGTH;
    case 22:
      return MASK_ECHO_LENGTH;
    default:
      return undefined;
  }
}

/**
 * What may end at `to` of an identification that began at `from`: nothing, all its objects but perhaps not as many as
 * it counts (it may count those of all parts), or as many.
 */
export function endsIdentification(bytes: Buffer, from: number, to: number): "no" | "perhaps" | "counted" {
  const pdu = bytes.subarray(from + 1, to - CRC_LENGTH);
  const objects = pdu.length < IDENTIFICATION.objects ? undefined : identificationObjects(pdu);
  if (!objects) return "no";
  return objects.length === pdu[IDENTIFICATION.count] ? "counted" : "perhaps";
}
