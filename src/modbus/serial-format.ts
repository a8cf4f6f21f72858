/** How characters travel on a serial line. RTU always has eight data bits (Modbus over Serial Line V1.02, 2.5.1). */
export interface SerialFormat {
  /** Bits per second, 1,200 to 921,600. */
  readonly baudRate: number;
  readonly parity: Parity;
  readonly stopBits: 1 | 2;
}

export const PARITIES = ["none", "even", "odd"] as const;

export type Parity = (typeof PARITIES)[number];

/** `19200 8E1` */
export function formatSerial({ baudRate, parity, stopBits }: SerialFormat): string {
  return `${baudRate} 8${parity === "none" ? "N" : parity === "even" ? "E" : "O"}${stopBits}`;
}
