declare const unit: unique symbol;

/** A span of time in milliseconds; fractions are allowed. */
export type Ms = number & { readonly [unit]: "ms" };

/** A point on the monotonic clock, in milliseconds since the machine's start; the same in every thread and process. */
export type Instant = number & { readonly [unit]: "instant" };

/** A point on the wall clock, in milliseconds since 1970-01-01T00:00Z. It may be wrong and it may step. */
export type WallTime = number & { readonly [unit]: "wall" };

export function ms(value: number): Ms {
  return value as Ms;
}

export function instant(value: number): Instant {
  return value as Instant;
}

export function wallTime(value: number): WallTime {
  return value as WallTime;
}

export function plus(at: Instant, span: Ms): Instant {
  return (at + span) as Instant;
}

export function between(from: Instant, to: Instant): Ms {
  return (to - from) as Ms;
}
