import { ms, type Ms } from "./time.ts";

const UNITS = { us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** What a duration looks like in the files people write: a number and a unit, without a space. */
export const DURATION_PATTERN = /^(\d+(?:\.\d+)?)(us|ms|s|min|h|d)$/;

/** Reads `20ms`, `1.5s`, `10min`; undefined for anything else, a bare number included. */
export function parseDuration(text: string): Ms | undefined {
  const match = DURATION_PATTERN.exec(text);
  const unit = match?.[2] as keyof typeof UNITS | undefined;
  if (unit === undefined) return undefined;
  // 1.005 s are 1005 ms and not 1004.9999999999999.
  const span = Number((Number(match?.[1]) * UNITS[unit]).toPrecision(15));
  return Number.isFinite(span) ? ms(span) : undefined;
}

/** Writes a duration with the largest unit in which it is a short number: `20ms`, `1.5s`, `2min`. */
export function formatDuration(span: Ms): string {
  for (const unit of ["d", "h", "min", "s"] as const) {
    if (span >= UNITS[unit] && Number.isInteger((span * 100) / UNITS[unit])) return `${span / UNITS[unit]}${unit}`;
  }
  return span > 0 && span < 1 ? `${round(span * 1000)}us` : `${round(span)}ms`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
