import { type Ms, ms } from "../../src/kit/time.ts";

/** How characters travel on a simulated serial wire; always eight data bits. */
export interface WireFormat {
  readonly baudRate: number;
  readonly parity: "none" | "even" | "odd";
  readonly stopBits: 1 | 2;
}

/** The times of one wire (Modbus over Serial Line V1.02, 2.5.1.1). */
export interface WireTimes {
  /** One character: start, eight data bits, parity if any, stops. */
  readonly character: Ms;
  /** Longest silence inside a frame. */
  readonly t15: Ms;
  /** Shortest silence between two frames. */
  readonly t35: Ms;
}

const FIXED_ABOVE = 19_200;

/** Silences count characters of eleven bits whatever the format; above 19,200 baud they are fixed. */
export function wireTimes({ baudRate, parity, stopBits }: WireFormat): WireTimes {
  const bit = 1000 / baudRate;
  const fixed = baudRate > FIXED_ABOVE;
  return {
    character: ms(bit * (parity === "none" ? 9 + stopBits : 10 + stopBits)),
    t15: ms(fixed ? 0.75 : 1.5 * 11 * bit),
    t35: ms(fixed ? 1.75 : 3.5 * 11 * bit),
  };
}
