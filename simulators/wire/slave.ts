import type { Table } from "../../src/device/location.ts";
import type { AddressSpace } from "../memory/address-space.ts";
import { exceptionAnswer, ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ILLEGAL_VALUE } from "./exception-code.ts";
import { type Identity, identificationAnswer, serverIdAnswer } from "./identification.ts";

/** One unit as the protocol sees it. */
export interface Slave {
  readonly functions: ReadonlySet<number>;
  readonly limits: QuantityLimits;
  readonly space: AddressSpace;
  readonly identity: Identity;
}

/** What the device allows in one request, where that is less than the specification does. */
export interface QuantityLimits {
  readonly readRegisters: number;
  readonly readBits: number;
  readonly writeRegisters: number;
}

/** The answer's PDU, or the exception code. */
type Outcome = Buffer | number;

/**
 * Carries out one request as the state diagrams of the Modbus Application Protocol V1.1b3, 6, prescribe: function
 * (01), then quantity and length (03), then addresses (02), then the deed. The answer is a PDU.
 */
export function answerPdu(slave: Slave, pdu: Buffer): Buffer {
  const fc = pdu[0] ?? 0;
  const outcome = slave.functions.has(fc) ? execute(slave, fc, pdu) : ILLEGAL_FUNCTION;
  return typeof outcome === "number" ? exceptionAnswer(fc, outcome) : outcome;
}

function execute(slave: Slave, fc: number, pdu: Buffer): Outcome {
  switch (fc) {
    case 1:
      return readBits(slave, pdu, "coil");
    case 2:
      return readBits(slave, pdu, "discrete");
    case 3:
      return readRegisters(slave, pdu, "holding");
    case 4:
      return readRegisters(slave, pdu, "input");
    case 5:
      return writeCoil(slave, pdu);
    case 6:
      return pdu.length === 5 ? written(slave, pdu, "holding", [pdu.readUInt16BE(3)]) : ILLEGAL_VALUE;
    case 15:
      return writeCoils(slave, pdu);
    case 16:
      return writeRegisters(slave, pdu);
    case 17:
      return pdu.length === 1 ? serverIdAnswer(slave.identity) : ILLEGAL_VALUE;
    case 22:
      return maskWrite(slave, pdu);
    case 23:
      return readWrite(slave, pdu);
    case 43:
      return identificationAnswer(slave.identity, pdu);
    default:
      return ILLEGAL_FUNCTION;
  }
}

function readBits(slave: Slave, pdu: Buffer, table: Table): Outcome {
  if (pdu.length !== 5) return ILLEGAL_VALUE;
  const [address, quantity] = [pdu.readUInt16BE(1), pdu.readUInt16BE(3)];
  if (quantity < 1 || quantity > Math.min(2000, slave.limits.readBits)) return ILLEGAL_VALUE;
  if (!slave.space.table(table).isReadable(address, quantity)) return ILLEGAL_ADDRESS;
  const bytes = packBits(slave.space.table(table).read(address, quantity));
  return Buffer.concat([Buffer.of(pdu[0] ?? 0, bytes.length), bytes]);
}

function readRegisters(slave: Slave, pdu: Buffer, table: Table): Outcome {
  if (pdu.length !== 5) return ILLEGAL_VALUE;
  return registersAnswer(slave, pdu[0] ?? 0, { table, address: pdu.readUInt16BE(1), quantity: pdu.readUInt16BE(3) });
}

interface RegisterRange {
  readonly table: Table;
  readonly address: number;
  readonly quantity: number;
}

function registersAnswer(slave: Slave, fc: number, { table, address, quantity }: RegisterRange): Outcome {
  if (!isReadQuantity(slave, quantity)) return ILLEGAL_VALUE;
  if (!slave.space.table(table).isReadable(address, quantity)) return ILLEGAL_ADDRESS;
  const answer = Buffer.alloc(2 + quantity * 2);
  answer.writeUInt8(fc, 0);
  answer.writeUInt8(quantity * 2, 1);
  slave.space
    .table(table)
    .read(address, quantity)
    .forEach((word, index) => answer.writeUInt16BE(word, 2 + index * 2));
  return answer;
}

function isReadQuantity(slave: Slave, quantity: number): boolean {
  return quantity >= 1 && quantity <= Math.min(125, slave.limits.readRegisters);
}

/** FC 05: 0xFF00 switches on, 0x0000 off, everything else is illegal (6.5). */
function writeCoil(slave: Slave, pdu: Buffer): Outcome {
  if (pdu.length !== 5) return ILLEGAL_VALUE;
  const value = pdu.readUInt16BE(3);
  return value === 0 || value === 0xff00 ? written(slave, pdu, "coil", [value === 0 ? 0 : 1]) : ILLEGAL_VALUE;
}

function writeCoils(slave: Slave, pdu: Buffer): Outcome {
  const quantity = writeQuantity(pdu, (count) => Math.ceil(count / 8));
  if (quantity === undefined || quantity > 1968) return ILLEGAL_VALUE;
  return written(slave, pdu, "coil", unpackBits(pdu.subarray(6), quantity));
}

function writeRegisters(slave: Slave, pdu: Buffer): Outcome {
  const quantity = writeQuantity(pdu, (count) => count * 2);
  if (quantity === undefined || quantity > Math.min(123, slave.limits.writeRegisters)) return ILLEGAL_VALUE;
  return written(slave, pdu, "holding", wordsAt(pdu, 6, quantity));
}

/** The quantity of an FC 15 or FC 16 request, if its byte count and length agree with it. */
function writeQuantity(pdu: Buffer, bytesFor: (quantity: number) => number): number | undefined {
  if (pdu.length < 6) return undefined;
  const quantity = pdu.readUInt16BE(3);
  const bytes = pdu.readUInt8(5);
  return quantity >= 1 && bytes === bytesFor(quantity) && pdu.length === 6 + bytes ? quantity : undefined;
}

/** Writes if the addresses allow it; the echo of all four writing functions is the request's first five bytes. */
function written(slave: Slave, pdu: Buffer, table: Table, values: readonly number[]): Outcome {
  const address = pdu.readUInt16BE(1);
  if (!slave.space.table(table).isWritable(address, values.length)) return ILLEGAL_ADDRESS;
  slave.space.write(table, address, values);
  return Buffer.from(pdu.subarray(0, 5));
}

/** FC 22: result = (current AND and) OR (or AND NOT and) (6.16). */
function maskWrite(slave: Slave, pdu: Buffer): Outcome {
  if (pdu.length !== 7) return ILLEGAL_VALUE;
  const [address, and, or] = [pdu.readUInt16BE(1), pdu.readUInt16BE(3), pdu.readUInt16BE(5)];
  const table = slave.space.table("holding");
  if (!table.isWritable(address, 1)) return ILLEGAL_ADDRESS;
  const current = table.read(address, 1)[0] ?? 0;
  slave.space.write("holding", address, [(current & and) | (or & ~and)]);
  return Buffer.from(pdu);
}

/** FC 23 writes before it reads (6.17). Nothing is written unless both halves are legal. */
function readWrite(slave: Slave, pdu: Buffer): Outcome {
  if (pdu.length < 10) return ILLEGAL_VALUE;
  const read = { table: "holding", address: pdu.readUInt16BE(1), quantity: pdu.readUInt16BE(3) } as const;
  const [address, quantity, bytes] = [pdu.readUInt16BE(5), pdu.readUInt16BE(7), pdu.readUInt8(9)];
  const most = Math.min(121, slave.limits.writeRegisters);
  if (!isReadQuantity(slave, read.quantity) || quantity < 1 || quantity > most) return ILLEGAL_VALUE;
  if (bytes !== quantity * 2 || pdu.length !== 10 + bytes) return ILLEGAL_VALUE;
  const table = slave.space.table("holding");
  if (!table.isReadable(read.address, read.quantity) || !table.isWritable(address, quantity)) return ILLEGAL_ADDRESS;
  slave.space.write("holding", address, wordsAt(pdu, 10, quantity));
  return registersAnswer(slave, 23, read);
}

function wordsAt(pdu: Buffer, offset: number, quantity: number): readonly number[] {
  return Array.from({ length: quantity }, (_, index) => pdu.readUInt16BE(offset + index * 2));
}

/** The first bit is the least significant of the first byte; the last byte is filled up with zeros (6.1). */
function packBits(bits: readonly number[]): Buffer {
  const bytes = Buffer.alloc(Math.ceil(bits.length / 8));
  bits.forEach((bit, index) => {
    bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (bit << (index & 7));
  });
  return bytes;
}

function unpackBits(bytes: Buffer, quantity: number): readonly number[] {
  return Array.from({ length: quantity }, (_, index) => ((bytes[index >> 3] ?? 0) >> (index & 7)) & 1);
}
