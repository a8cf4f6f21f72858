import type { Random } from "../../src/kit/random.ts";
import type { TransactionFault } from "../faults/fault.ts";

export interface Spoiling {
  readonly faults: readonly TransactionFault[];
  readonly random: Random;
  /** The transaction id that was answered last; undefined where none was. */
  readonly answered: number | undefined;
}

/** The TCP frame with everything in its header that shall be wrong. */
export function spoilTcpFrame(frame: Buffer, spoiling: Spoiling): Buffer {
  const spoilt = Buffer.from(frame);
  for (const fault of spoiling.faults) spoil(spoilt, fault, spoiling);
  return spoilt;
}

function spoil(frame: Buffer, fault: TransactionFault, { random, answered }: Spoiling): void {
  switch (fault.kind) {
    case "wrongTransaction":
      frame.writeUInt16BE(otherId(frame.readUInt16BE(0), random() < 0.5 ? answered : undefined), 0);
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

/**
 * The one that was answered last, or one from far away. The id of another request under way would be the right answer to that one,
 * for all that anybody can see.
 */
function otherId(id: number, answered: number | undefined): number {
  return answered ?? (id + 0x5555) & 0xffff;
}
