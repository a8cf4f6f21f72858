/** engineering value = raw * scale + offset, both ways, without the noise of binary fractions: 3 * 0.1 is 0.3. */
export interface LinearScale {
  /** For integers up to 32 bits (and BCD); rounded to the decimals that scale and offset have. */
  fromInteger(raw: number): number;
  /** For 64-bit integers: exact, a bigint, where scale and offset are whole; the nearest number otherwise. */
  fromLong(raw: bigint): number | bigint;
  /** For floating point; no rounding but of the last of 15 digits. */
  fromReal(raw: number): number;
  /** The nearest raw integer. */
  toInteger(value: number): number;
  toLong(value: number | bigint): bigint;
  toReal(value: number): number;
  /** Whether engineering values are the raw ones. */
  readonly identity: boolean;
  /** Whether every engineering value of an integer is one itself. */
  readonly whole: boolean;
}

/** `scale` and `offset` are finite, `scale` is not 0. */
export function linearScale(scale: number, offset: number): LinearScale {
  const identity = scale === 1 && offset === 0;
  const { factor, shift, per } = asFraction(scale, offset);
  const whole = per === 1 && Number.isInteger(factor) && Number.isInteger(shift);
  return {
    identity,
    whole,
    fromInteger: identity ? (raw) => raw : (raw) => (raw * factor + shift) / per,
    fromLong: whole ? (raw) => raw * BigInt(factor) + BigInt(shift) : (raw) => (Number(raw) * factor + shift) / per,
    fromReal: identity ? (raw) => raw : (raw) => Number((raw * scale + offset).toPrecision(15)),
    toInteger: identity ? Math.round : (value) => Math.round((value * per - shift) / factor),
    toLong: (value) =>
      whole && typeof value === "bigint"
        ? nearestQuotient(value - BigInt(shift), BigInt(factor))
        : nearestBigInt((Number(value) * per - shift) / factor),
    toReal: identity ? (value) => value : (value) => (value - offset) / scale,
  };
}

interface Fraction {
  /** engineering value = (raw * factor + shift) / per; all three are whole where that can be. */
  readonly factor: number;
  readonly shift: number;
  readonly per: number;
}

/** With whole numbers only the division rounds, and it rounds to the decimal number nearest. */
function asFraction(scale: number, offset: number): Fraction {
  const decimals = Math.max(decimalsOf(scale), decimalsOf(offset));
  const per = 10 ** decimals;
  const factor = Math.round(scale * per);
  const shift = Math.round(offset * per);
  const exact = decimals <= MAX_EXACT_POWER && Number.isSafeInteger(factor) && Number.isSafeInteger(shift);
  return exact ? { factor, shift, per } : { factor: scale, shift: offset, per: 1 };
}

/** 10^22 is the greatest power of ten that a double holds exactly. */
const MAX_EXACT_POWER = 22;

/** Digits after the decimal point in the shortest writing of `value`: 0.001 has 3, 2.5e-7 has 8. */
function decimalsOf(value: number): number {
  const [digits = "", exponent = "0"] = String(value).split("e");
  const fraction = digits.split(".")[1] ?? "";
  return Math.max(0, fraction.length - Number(exponent));
}

/** Beyond 2^65, where no 64-bit integer lies, it stays there. */
function nearestBigInt(value: number): bigint {
  return BigInt(Math.round(Math.max(-(2 ** 65), Math.min(2 ** 65, value))));
}

/** Halves are rounded away from zero. */
function nearestQuotient(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const rest = dividend % divisor;
  if (abs(rest) * 2n < abs(divisor)) return quotient;
  return dividend < 0n === divisor < 0n ? quotient + 1n : quotient - 1n;
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
