/** CRC of the bytes, bit by bit: polynomial 0xA001, start 0xFFFF (Modbus over Serial Line V1.02, 6.2.2). */
export function checkSum(bytes: Uint8Array): number {
  let sum = 0xffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xa001 : sum >>> 1;
  }
  return sum;
}

/** The unit, the PDU and their check sum, its low byte first. */
export function rtuFrame(unit: number, pdu: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.of(unit), pdu]);
  const sum = checkSum(body);
  return Buffer.concat([body, Buffer.of(sum & 0xff, sum >>> 8)]);
}

/** An RTU frame has a unit, 1 to 253 bytes of PDU and a check sum over them, which makes the CRC of it all 0. */
export function isWholeFrame(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes.length <= MOST_FRAME_BYTES && checkSum(bytes) === 0;
}

export const MOST_FRAME_BYTES = 256;
