import { isBitTable, READ_FUNCTION } from "./location.ts";
import type { Device } from "./profile.ts";
import type { Tag } from "./tag.ts";
import type { TagCodec } from "./tag-codec.ts";
import { invariant } from "../kit/invariant.ts";
import type { Answer, Request } from "../modbus/request.ts";

/** One request of a write: what it is for, and how it follows from the answer before it. */
export interface WriteStep {
  readonly part: "fetch" | "write" | "readback";
  readonly request: (before: Answer | undefined) => Request;
}

/** A tag of a device. */
interface Place {
  readonly tag: Tag;
  readonly device: Device;
}

/** What a value is on the wire: registers or bits, as {@link TagCodec} encodes them. */
export type Encoded = readonly number[] | readonly boolean[];

/**
 * The requests that write one tag, sent as one transaction that nothing cuts into. Bits inside a register are set with
 * FC 22 where the device has it, else by reading, merging and writing the register back.
 */
export function writeSteps(entry: Place, codec: TagCodec, encoded: Encoded, readback: boolean): readonly WriteStep[] {
  if (readback && entry.tag.write?.readWrite === true) return [writeAndRead(entry, codec, encoded)];
  const steps = isBitTable(entry.tag.at.table) ? [writeCoils(entry, encoded)] : writeRegisters(entry, codec, encoded);
  return readback ? [...steps, { part: "readback", request: () => readTag(entry, codec) }] : steps;
}

/** A value on its way to its tag. */
export interface WritePart {
  readonly entry: Place;
  readonly codec: TagCodec;
  readonly encoded: Encoded;
}

/** The requests that write several tags of one device, each of which lies straight behind the one before. */
export function mergedSteps(parts: readonly WritePart[], readback: boolean): readonly WriteStep[] {
  const [first] = parts;
  invariant(first !== undefined, "a write has at least one part");
  const { table, address } = first.entry.tag.at;
  const cells = parts.flatMap(({ encoded }): readonly (number | boolean)[] => encoded);
  const write: Request = isBitTable(table)
    ? { fc: 15, address, values: cells.map(Boolean) }
    : { fc: 16, address, values: cells.map(Number) };
  const read: Request = { fc: READ_FUNCTION[table], address, quantity: cells.length };
  const steps: readonly WriteStep[] = [{ part: "write", request: () => write }];
  return readback ? [...steps, { part: "readback", request: () => read }] : steps;
}

/** The request that reads exactly this tag. */
export function readTag({ tag }: Place, codec: TagCodec): Request {
  return { fc: READ_FUNCTION[tag.at.table], address: tag.at.address, quantity: codec.size };
}

function writeCoils({ tag, device }: Place, encoded: Encoded): WriteStep {
  const values = encoded.map(Boolean);
  const { address } = tag.at;
  const single = values.length === 1 && device.profile.functions.has(5);
  return {
    part: "write",
    request: () => (single ? { fc: 5, address, value: values[0] ?? false } : { fc: 15, address, values }),
  };
}

function writeRegisters(entry: Place, codec: TagCodec, encoded: Encoded): readonly WriteStep[] {
  invariant(codec.kind === "registers", `tag ${entry.tag.name} does not lie in registers`);
  const values = encoded.map(Number);
  if (codec.mask === 0xffff) return [{ part: "write", request: () => plainWrite(entry, values) }];
  if (values.length === 1 && entry.device.profile.functions.has(22)) return [maskWrite(entry, codec.mask, values)];
  return [
    { part: "fetch", request: () => readTag(entry, codec) },
    { part: "write", request: (before) => plainWrite(entry, merged(before, codec.mask, values)) },
  ];
}

function plainWrite({ tag, device }: Place, values: readonly number[]): Request {
  const { address } = tag.at;
  const single = values.length === 1 && device.profile.functions.has(6);
  return single ? { fc: 6, address, value: values[0] ?? 0 } : { fc: 16, address, values };
}

/** The slave writes first, then reads: its answer is the readback (Application Protocol V1.1b3, 6.17). */
function writeAndRead({ tag }: Place, codec: TagCodec, encoded: Encoded): WriteStep {
  const { address } = tag.at;
  const values = encoded.map(Number);
  return { part: "write", request: () => ({ fc: 23, address, quantity: codec.size, writeAddress: address, values }) };
}

function maskWrite({ tag }: Place, mask: number, values: readonly number[]): WriteStep {
  const and = ~mask & 0xffff;
  return { part: "write", request: () => ({ fc: 22, address: tag.at.address, and, or: (values[0] ?? 0) & mask }) };
}

function merged(before: Answer | undefined, mask: number, values: readonly number[]): readonly number[] {
  invariant(before?.kind === "registers", "a read-modify-write goes on without what it read");
  return values.map((value, index) => ((before.registers[index] ?? 0) & ~mask & 0xffff) | (value & mask));
}
