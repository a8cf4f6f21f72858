/** The public function codes takt speaks (Modbus Application Protocol V1.1b3, 5.1 and 6). */
export const FUNCTION_NAMES = {
  1: "read coils",
  2: "read discrete inputs",
  3: "read holding registers",
  4: "read input registers",
  5: "write single coil",
  6: "write single register",
  15: "write multiple coils",
  16: "write multiple registers",
  17: "report server id",
  22: "mask write register",
  23: "read/write multiple registers",
  43: "read device identification",
} as const;

export type FunctionCode = keyof typeof FUNCTION_NAMES;

export const FUNCTION_CODES = Object.keys(FUNCTION_NAMES).map(Number) as readonly FunctionCode[];

export function isFunctionCode(value: number): value is FunctionCode {
  return value in FUNCTION_NAMES;
}

/** Whether a request of this function may change something in the slave. FC 23 does: it writes before it reads. */
export function isWrite(fc: FunctionCode): boolean {
  return fc === 5 || fc === 6 || fc === 15 || fc === 16 || fc === 22 || fc === 23;
}

/** Whether a request may go to all units at once: nobody answers a broadcast, and FC 23 asks for an answer. */
export function isBroadcastable(fc: FunctionCode): boolean {
  return isWrite(fc) && fc !== 23;
}
