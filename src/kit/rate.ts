declare const unit: unique symbol;

/** A change per second, in the unit of what changes; above 0. */
export type PerSecond = number & { readonly [unit]: "perSecond" };

export function perSecond(value: number): PerSecond {
  return value as PerSecond;
}

const SECONDS = { s: 1, min: 60, h: 3600 } as const;

/** What a rate looks like in the files people write: a number and per what time, without a space. */
export const RATE_PATTERN = /^(\d+(?:\.\d+)?)\/(s|min|h)$/;

/** Reads `0.5/s`, `30/min`; undefined for anything else, a bare number included. */
export function parseRate(text: string): PerSecond | undefined {
  const match = RATE_PATTERN.exec(text);
  const time = match?.[2] as keyof typeof SECONDS | undefined;
  if (time === undefined) return undefined;
  const rate = Number(match?.[1]) / SECONDS[time];
  return Number.isFinite(rate) ? perSecond(rate) : undefined;
}
