/** `11 03 00 6B`: the way frames are written in logs, traces and tests. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");
}

/** Reads what {@link toHex} writes; white space is free. */
export function fromHex(text: string): Buffer {
  const digits = text.replaceAll(/\s+/g, "");
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) throw new TypeError(`not hexadecimal bytes: "${text}"`);
  return Buffer.from(digits, "hex");
}
