import type { Random } from "../../src/kit/random.ts";
import type { TransactionFault } from "./fault.ts";

/** The answer's PDU with everything in it that shall be wrong. Its bytes are copied, never changed. */
export function spoilAnswer(pdu: Buffer, faults: readonly TransactionFault[], random: Random): Buffer {
  return faults.reduce((answer, fault) => spoil(answer, fault, random), pdu);
}

function spoil(pdu: Buffer, fault: TransactionFault, random: Random): Buffer {
  switch (fault.kind) {
    case "wrongFunction":
      return otherFunction(pdu);
    case "wrongEcho":
      return isEcho(pdu) ? otherEcho(pdu, fault.part) : pdu;
    case "wrongByteCount":
      return hasByteCount(pdu) ? otherByteCount(pdu, random) : pdu;
    default:
      return pdu;
  }
}

/** FC 03 and 04, 01 and 02, 05 and 06, 15 and 16: the neighbour whose answers look alike. */
function otherFunction(pdu: Buffer): Buffer {
  const fc = pdu[0] ?? 0;
  const neighbours: Readonly<Record<number, number>> = { 1: 2, 2: 1, 3: 4, 4: 3, 5: 6, 6: 5, 15: 16, 16: 15 };
  const other = (neighbours[fc & 0x7f] ?? 3) | (fc & 0x80);
  return Buffer.concat([Buffer.of(other), pdu.subarray(1)]);
}

function isEcho(pdu: Buffer): boolean {
  return [5, 6, 15, 16, 22].includes(pdu[0] ?? 0) && pdu.length >= 5;
}

function otherEcho(pdu: Buffer, part: "address" | "value"): Buffer {
  const spoilt = Buffer.from(pdu);
  const at = part === "address" ? 1 : 3;
  spoilt.writeUInt16BE(spoilt.readUInt16BE(at) ^ (spoilt[0] === 5 && part === "value" ? 0xff00 : 1), at);
  return spoilt;
}

function hasByteCount(pdu: Buffer): boolean {
  return [1, 2, 3, 4, 23].includes(pdu[0] ?? 0) && pdu.length > 3;
}

/** Two bytes fewer, two more, or a count that lies about what follows. */
function otherByteCount(pdu: Buffer, random: Random): Buffer {
  const [fc = 0, count = 0] = pdu;
  const data = pdu.subarray(2);
  const choice = random();
  if (choice < 1 / 3) {
    const shorter = data.subarray(0, Math.max(1, data.length - 2));
    return Buffer.concat([Buffer.of(fc, shorter.length), shorter]);
  }
  if (choice < 2 / 3 && data.length <= 248)
    return Buffer.concat([Buffer.of(fc, count + 2), data, Buffer.of(0x7f, 0x7f)]);
  return Buffer.concat([Buffer.of(fc, count >= 2 ? count - 1 : count + 1), data]);
}
