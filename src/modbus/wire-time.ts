import { type Ms, ms } from "../kit/time.ts";
import { MAX_PDU_LENGTH } from "./limits.ts";
import type { Request } from "./request.ts";
import type { SerialFormat } from "./serial-format.ts";

/** Above this rate the silent intervals are fixed times (Modbus over Serial Line V1.02, 2.5.1.1). */
const FASTEST_COUNTED = 19_200;
const FIXED_T15 = ms(0.75);
const FIXED_T35 = ms(1.75);

/** The silent intervals are counted in characters of eleven bits, whatever the format (V1.02, 2.5.1.1). */
const COUNTED_BITS = 11;

/** Bits of one character on the wire: start, eight data, parity if any, stop. */
export function characterBits({ parity, stopBits }: SerialFormat): number {
  return 9 + (parity === "none" ? 0 : 1) + stopBits;
}

/** How long one character takes. */
export function characterTime(format: SerialFormat): Ms {
  return ms((characterBits(format) * 1000) / format.baudRate);
}

/** Longest silence inside a frame: 1.5 characters, 0.75 ms above 19,200 baud (V1.02, 2.5.1.1). */
export function t15({ baudRate }: SerialFormat): Ms {
  return baudRate > FASTEST_COUNTED ? FIXED_T15 : ms((1.5 * COUNTED_BITS * 1000) / baudRate);
}

/** Shortest silence between frames: 3.5 characters, 1.75 ms above 19,200 baud (V1.02, 2.5.1.1). */
export function t35({ baudRate }: SerialFormat): Ms {
  return baudRate > FASTEST_COUNTED ? FIXED_T35 : ms((3.5 * COUNTED_BITS * 1000) / baudRate);
}

/** The drivers of serial ports hand over what comes within such times in one piece, or not. */
const LEAST_SETTLED = ms(2);

/** Silence after which nothing more is to be expected of a frame that was being sent to us. */
export function settledAfter(format: SerialFormat): Ms {
  return ms(Math.max(t35(format), LEAST_SETTLED));
}

/** Unit, check sum: what RTU adds to a PDU. */
const RTU_OVERHEAD = 3;

/** Length of a request as an RTU frame, in characters. */
export function requestLength(request: Request): number {
  return RTU_OVERHEAD + requestPduLength(request);
}

/**
 * Length of the answer as an RTU frame, in characters; for FC 17 and 43, whose answers say their own length, the
 * longest there can be.
 */
export function answerLength(request: Request): number {
  return RTU_OVERHEAD + answerPduLength(request);
}

/** Time on the wire of a whole transaction: request, answer, and the silence that ends each. */
export function wireTime(request: Request, format: SerialFormat): Ms {
  const characters = requestLength(request) + answerLength(request);
  return ms(characters * characterTime(format) + 2 * t35(format));
}

function requestPduLength(request: Request): number {
  switch (request.fc) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
      return 5;
    case 15:
      return 6 + Math.ceil(request.values.length / 8);
    case 16:
      return 6 + request.values.length * 2;
    case 17:
      return 1;
    case 22:
      return 7;
    case 23:
      return 10 + request.values.length * 2;
    case 43:
      return 4;
  }
}

function answerPduLength(request: Request): number {
  switch (request.fc) {
    case 1:
    case 2:
      return 2 + Math.ceil(request.quantity / 8);
    case 3:
    case 4:
    case 23:
      return 2 + request.quantity * 2;
    case 5:
    case 6:
    case 15:
    case 16:
      return 5;
    case 22:
      return 7;
    case 17:
    case 43:
      return MAX_PDU_LENGTH;
  }
}
