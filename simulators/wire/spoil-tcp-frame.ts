import type { Random } from "../../src/kit/random.ts";
import type { TransactionFault } from "../faults/fault.ts";

/** The TCP frame with everything in its header that shall be wrong. */
export function spoilTcpFrame(frame: Buffer, faults: readonly TransactionFault[], random: Random): Buffer {
  const spoilt = Buffer.from(frame);
  for (const fault of faults) spoil(spoilt, fault, random);
  return spoilt;
}

function spoil(frame: Buffer, fault: TransactionFault, random: Random): void {
  switch (fault.kind) {
    case "wrongTransaction":
      // The one before, which was once asked, or one from far away.
      frame.writeUInt16BE((frame.readUInt16BE(0) + (random() < 0.5 ? 0xffff : 0x5555)) & 0xffff, 0);
      break;
    case "wrongProtocol":
      frame.writeUInt16BE(1 + Math.floor(random() * 0xffff), 2);
      break;
    case "wrongLength":
      frame.writeUInt16BE(random() < 0.5 ? Math.floor(random() * 2) : 255 + Math.floor(random() * 0xff00), 4);
      break;
    case "wrongUnit":
      frame.writeUInt8(fault.as ?? frame.readUInt8(6) ^ 1, 6);
      break;
    default:
      break;
  }
}
