/**
 * How the bytes of a value lie in its registers, named by a 32-bit value whose bytes are A (most significant) to D.
 * It holds for longer values alike: the first letter pair says whether the bytes within a register are swapped, the
 * order of the pairs whether the registers are. Text keeps the order of its registers; only its bytes may be swapped.
 */
export const BYTE_ORDERS = ["ABCD", "CDAB", "BADC", "DCBA"] as const;

export type ByteOrder = (typeof BYTE_ORDERS)[number];

export function swapsBytes(order: ByteOrder): boolean {
  return order === "BADC" || order === "DCBA";
}

export function swapsWords(order: ByteOrder): boolean {
  return order === "CDAB" || order === "DCBA";
}
