/** RTU frames have their check sum, TCP frames their MBAP header. */
export type Protocol = "rtu" | "tcp";

/** Wireshark's dissectors by protocol; both decode without any setting of its user. */
const DISSECTORS: Readonly<Record<Protocol, string>> = { rtu: "mbrtu", tcp: "mbtcp" };

/** Tags of an exported PDU (wsutil/exported_pdu_tlvs.h of Wireshark); numbers in them are big-endian. */
const TAG = { end: 0, dissector: 12, ipv4Source: 20, ipv4Target: 21, portType: 24, sourcePort: 25, targetPort: 26 };
const TCP_PORT = 2;

const MASTER = { address: [127, 0, 0, 1], port: 50_200 };
/** mbtcp tells a question from its answer by this port. */
const SLAVE = { address: [127, 0, 0, 2], port: 502 };

/** A frame with what Wireshark has to know about it. */
export function upperPdu(protocol: Protocol, fromMaster: boolean, frame: Uint8Array): Buffer {
  const [source, target] = fromMaster ? [MASTER, SLAVE] : [SLAVE, MASTER];
  const name = Buffer.alloc(8);
  name.write(DISSECTORS[protocol]);
  return Buffer.concat([
    tag(TAG.dissector, name),
    tag(TAG.ipv4Source, Buffer.from(source.address)),
    tag(TAG.ipv4Target, Buffer.from(target.address)),
    tag(TAG.portType, number(TCP_PORT)),
    tag(TAG.sourcePort, number(source.port)),
    tag(TAG.targetPort, number(target.port)),
    tag(TAG.end, Buffer.alloc(0)),
    frame,
  ]);
}

/** The frame in a packet; undefined where it is none of Modbus. */
export function readUpperPdu(packet: Buffer): { readonly protocol: Protocol; readonly bytes: Buffer } | undefined {
  let dissector = "";
  for (let at = 0; at + 4 <= packet.length;) {
    const code = packet.readUInt16BE(at);
    const length = packet.readUInt16BE(at + 2);
    const value = packet.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    if (code === TAG.dissector) dissector = value.toString("latin1").replace(/\0+$/, "");
    if (code !== TAG.end) continue;
    const protocol = (["rtu", "tcp"] as const).find((each) => DISSECTORS[each] === dissector);
    return protocol && { protocol, bytes: packet.subarray(at) };
  }
  return undefined;
}

function tag(code: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(code, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}
