import type { Random } from "../../src/kit/random.ts";
import type { TransactionFault } from "../faults/fault.ts";

/** The RTU frame with everything on it that the line shall do to it. */
export function spoilFrame(frame: Buffer, faults: readonly TransactionFault[], random: Random): Buffer {
  return faults.reduce((spoilt, fault) => spoil(spoilt, fault, random), frame);
}

function spoil(frame: Buffer, fault: TransactionFault, random: Random): Buffer {
  switch (fault.kind) {
    case "garbled":
      return turnedBits(frame, random);
    case "badCrc":
      return Buffer.concat([frame.subarray(0, -1), Buffer.of((frame.at(-1) ?? 0) ^ 0xff)]);
    case "noise":
      return fault.where === "before"
        ? Buffer.concat([noise(frame, random), frame])
        : Buffer.concat([frame, noise(frame, random)]);
    case "wrongBaudRate":
      return randomBytes(Math.max(1, Math.round(frame.length * (0.3 + random()))), random);
    default:
      return frame;
  }
}

/** One to three bits, each in a byte of its own: the check sum never misses so few. */
function turnedBits(frame: Buffer, random: Random): Buffer {
  const garbled = Buffer.from(frame);
  const places = new Set(Array.from({ length: 1 + Math.floor(random() * 3) }, () => below(garbled.length, random)));
  for (const at of places) garbled[at] = (garbled[at] ?? 0) ^ (1 << below(8, random));
  return garbled;
}

/** Half of the time it begins as the frame does, so that a receiver may wait for the rest of what never comes. */
function noise(frame: Buffer, random: Random): Buffer {
  const bytes = randomBytes(1 + below(8, random), random);
  if (random() < 0.5) frame.copy(bytes, 0, 0, Math.min(2, bytes.length));
  return bytes;
}

export function randomBytes(count: number, random: Random): Buffer {
  return Buffer.from(Array.from({ length: count }, () => below(256, random)));
}

function below(limit: number, random: Random): number {
  return Math.floor(random() * limit);
}
