/** Names of the exception codes a slave may answer with (Modbus Application Protocol V1.1b3, 7). */
const EXCEPTION_NAMES: Readonly<Record<number, string>> = {
  1: "illegal function",
  2: "illegal data address",
  3: "illegal data value",
  4: "server device failure",
  5: "acknowledge",
  6: "server device busy",
  7: "negative acknowledge",
  8: "memory parity error",
  10: "gateway path unavailable",
  11: "gateway target device failed to respond",
};

/** `02 illegal data address`; codes outside the specification are called unknown. */
export function exceptionName(code: number): string {
  const digits = code.toString(16).toUpperCase().padStart(2, "0");
  return `${digits} ${EXCEPTION_NAMES[code] ?? "unknown exception"}`;
}
