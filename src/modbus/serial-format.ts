/** How characters travel on a serial line. RTU always has eight data bits (Modbus over Serial Line V1.02, 2.5.1). */
export interface SerialFormat {
  /** Bits per second, 1,200 to 921,600. */
  readonly baudRate: number;
  readonly parity: Parity;
  readonly stopBits: 1 | 2;
}

/** The rates that drivers, adapters and devices agree on; anything else in a file is a slip of the pen. */
export const BAUD_RATES: readonly number[] = [
  1200, 1800, 2400, 4800, 9600, 14_400, 19_200, 28_800, 38_400, 56_000, 57_600, 76_800, 115_200, 128_000, 187_500,
  230_400, 250_000, 256_000, 460_800, 500_000, 576_000, 921_600,
];

export function nearestRate(rate: number): number {
  return BAUD_RATES.reduce((best, other) => (Math.abs(other - rate) < Math.abs(best - rate) ? other : best));
}

/** Those that `stty` knows (termios). */
const TTY_RATES: readonly number[] = [
  1200, 1800, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 500_000, 576_000, 921_600,
];

export function isTtyRate(rate: number): boolean {
  return TTY_RATES.includes(rate);
}

/** What a device that nobody configured is to speak (V1.02, 2.5.1); most do. */
export const DEFAULT_FORMAT: SerialFormat = { baudRate: 19_200, parity: "even", stopBits: 1 };

export const PARITIES = ["none", "even", "odd"] as const;

export type Parity = (typeof PARITIES)[number];

/** `19200 8E1` */
export function formatSerial({ baudRate, parity, stopBits }: SerialFormat): string {
  return `${baudRate} 8${parity === "none" ? "N" : parity === "even" ? "E" : "O"}${stopBits}`;
}
