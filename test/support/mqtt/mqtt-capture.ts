/** An IPv4 header without options, and a TCP header without options. */
const HEADERS = 40;
const MOST_BYTES = 16_000;

/**
 * A pcap file of one side of an MQTT connection to port 1883 from its beginning, as if it had been captured (link type
 * 228, IPv4): every MQTT packet begins a segment, however the sender's were cut.
 */
export function captureOf(stream: Uint8Array): Buffer {
  const packets: Buffer[] = [];
  for (let at = 0; at < stream.length;) {
    const end = at + packetLength(stream.subarray(at));
    for (; at < end; at += MOST_BYTES)
      packets.push(packet(stream.subarray(at, Math.min(end, at + MOST_BYTES)), at, packets.length));
    at = end;
  }
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(228, 20);
  return Buffer.concat([header, ...packets]);
}

/** Bytes of the MQTT packet at the beginning, its header with them (MQTT 5.0, 2.1.4). */
function packetLength(stream: Uint8Array): number {
  let length = 0;
  for (let at = 1; at <= 4; at++) {
    const byte = stream[at] ?? 0;
    length += (byte & 0x7f) * 128 ** (at - 1);
    if (byte < 0x80) return 1 + at + length;
  }
  throw new Error("not MQTT");
}

function packet(bytes: Uint8Array, at: number, second: number): Buffer {
  const length = HEADERS + bytes.length;
  const record = Buffer.alloc(16);
  record.writeUInt32LE(1_795_219_200 + second, 0);
  record.writeUInt32LE(length, 8);
  record.writeUInt32LE(length, 12);
  const ip = Buffer.from("4500000000000000400600007f0000017f000001", "hex");
  ip.writeUInt16BE(length, 2);
  const tcp = Buffer.from("c000075b00000001000000015018ffff00000000", "hex");
  tcp.writeUInt32BE(1 + at, 4);
  return Buffer.concat([record, ip, tcp, bytes]);
}
