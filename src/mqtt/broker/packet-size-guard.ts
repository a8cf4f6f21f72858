/** Bytes of the variable length that follows the first byte of an MQTT packet, at most (MQTT 5.0, 1.5.5). */
const LENGTH_BYTES = 4;

/**
 * Follows the packets in a byte stream without keeping them; false once one announces more than `limit` bytes, or a
 * length that is none. mqtt.js would collect up to 256 MB; MQTT 3.1.1 has no way to tell the broker our limit.
 */
export function packetSizeGuard(limit: number): (chunk: Uint8Array) => boolean {
  let skip = 0;
  let lengthBytes = -1;
  let length = 0;
  return (chunk) => {
    for (let at = 0; at < chunk.length; at++) {
      if (skip > 0) {
        const skipped = Math.min(skip, chunk.length - at);
        skip -= skipped;
        at += skipped - 1;
      } else if (lengthBytes < 0) {
        lengthBytes = 0;
        length = 0;
      } else {
        const byte = chunk[at] ?? 0;
        length += (byte & 0x7f) * 128 ** lengthBytes++;
        const last = byte < 0x80;
        if (length > limit || (!last && lengthBytes === LENGTH_BYTES)) return false;
        if (last) {
          skip = length;
          lengthBytes = -1;
        }
      }
    }
    return true;
  };
}
