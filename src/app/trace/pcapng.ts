import { err, ok, type Result } from "../../kit/result.ts";

/*
 * As much of pcapng (draft-ietf-opsawg-pcapng) as a recording needs: one section, little-endian, interfaces and enhanced
 * packets with a comment and a direction.
 */

/** What upper-layer frames are exported as (LINKTYPE_WIRESHARK_UPPER_PDU): Wireshark is told the dissector by name. */
const UPPER_PDU = 252;

const BLOCK = { section: 0x0a0d0d0a, interface: 1, packet: 6 } as const;
const OPTION = { end: 0, comment: 1, interfaceName: 2, packetFlags: 2 } as const;
const BYTE_ORDER = 0x1a2b3c4d;
const INBOUND = 1;
const OUTBOUND = 2;

export interface Packet {
  /** Index of the interface, in the order of their blocks. */
  readonly interface: number;
  /** Microseconds since 1970-01-01T00:00Z. */
  readonly at: bigint;
  readonly data: Uint8Array;
  readonly outbound: boolean;
  readonly comment: string | undefined;
}

export interface Capture {
  /** Their names. */
  readonly interfaces: readonly string[];
  readonly packets: readonly Packet[];
}

/** Begins a file. */
export function sectionBlock(): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(BYTE_ORDER, 0);
  body.writeUInt16LE(1, 4);
  body.writeBigInt64LE(-1n, 8);
  return block(BLOCK.section, body);
}

/** Introduces an interface; times on it count microseconds. */
export function interfaceBlock(name: string): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt16LE(UPPER_PDU, 0);
  return block(BLOCK.interface, Buffer.concat([body, option(OPTION.interfaceName, Buffer.from(name)), endOfOptions()]));
}

export function packetBlock(packet: Packet): Buffer {
  const { data, outbound, comment } = packet;
  const head = Buffer.alloc(20);
  head.writeUInt32LE(packet.interface, 0);
  head.writeUInt32LE(Number(packet.at >> 32n), 4);
  head.writeUInt32LE(Number(packet.at & 0xffff_ffffn), 8);
  head.writeUInt32LE(data.length, 12);
  head.writeUInt32LE(data.length, 16);
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(outbound ? OUTBOUND : INBOUND, 0);
  const told = comment === undefined ? [] : [option(OPTION.comment, Buffer.from(comment))];
  const options = [...told, option(OPTION.packetFlags, flags), endOfOptions()];
  return block(BLOCK.packet, Buffer.concat([head, padded(data), ...options]));
}

/** Reads what the functions above wrote, and what Wireshark saved of it; the failure is a sentence. */
export function readPcapng(file: Buffer): Result<Capture, string> {
  const interfaces: string[] = [];
  const packets: Packet[] = [];
  for (let at = 0; at < file.length;) {
    const type = at + 12 <= file.length ? file.readUInt32LE(at) : undefined;
    const length = type === undefined ? 0 : file.readUInt32LE(at + 4);
    if (at === 0 && (type !== BLOCK.section || file.readUInt32LE(8) !== BYTE_ORDER)) return err("it is no pcapng file");
    if (length < 12 || length % 4 !== 0 || at + length > file.length)
      return err(`it ends, or is damaged, at byte ${at}`);
    const body = file.subarray(at + 8, at + length - 4);
    if (type === BLOCK.interface && body.length >= 8) {
      if (body.readUInt16LE(0) !== UPPER_PDU) return err("it was not recorded by takt: its frames are of another kind");
      interfaces.push(textOption(body.subarray(8), OPTION.interfaceName) ?? `line${interfaces.length}`);
    }
    if (type === BLOCK.packet) {
      const packet = readPacket(body);
      if (!packet) return err(`the packet at byte ${at} is damaged`);
      packets.push(packet);
    }
    at += length;
  }
  return file.length === 0 ? err("it is empty") : ok({ interfaces, packets });
}

function readPacket(body: Buffer): Packet | undefined {
  const length = body.length >= 20 ? body.readUInt32LE(12) : Number.POSITIVE_INFINITY;
  if (20 + length > body.length) return undefined;
  const options = body.subarray(20 + length + paddingOf(length));
  const flags = findOption(options, OPTION.packetFlags);
  return {
    interface: body.readUInt32LE(0),
    at: (BigInt(body.readUInt32LE(4)) << 32n) | BigInt(body.readUInt32LE(8)),
    data: body.subarray(20, 20 + length),
    outbound: flags?.length === 4 && (flags.readUInt32LE(0) & 3) === OUTBOUND,
    comment: textOption(options, OPTION.comment),
  };
}

function textOption(options: Buffer, code: number): string | undefined {
  return findOption(options, code)?.toString("utf8");
}

function findOption(options: Buffer, code: number): Buffer | undefined {
  for (let at = 0; at + 4 <= options.length;) {
    const found = options.readUInt16LE(at);
    const length = options.readUInt16LE(at + 2);
    if (found === OPTION.end || at + 4 + length > options.length) return undefined;
    if (found === code) return options.subarray(at + 4, at + 4 + length);
    at += 4 + length + paddingOf(length);
  }
  return undefined;
}

function block(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  const length = body.length + 12;
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(length, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(length, 0);
  return Buffer.concat([head, body, tail]);
}

function option(code: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, padded(value)]);
}

function endOfOptions(): Buffer {
  return Buffer.alloc(4);
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(paddingOf(bytes.length))]);
}

function paddingOf(length: number): number {
  return (4 - (length % 4)) % 4;
}
