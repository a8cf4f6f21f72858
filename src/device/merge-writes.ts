import { MAX_WRITE_BITS } from "../modbus/limits.ts";
import { isBitTable } from "./location.ts";
import type { Device } from "./profile.ts";
import { tagSpan } from "./tag-span.ts";
import type { Tag } from "./tag.ts";

/** An output of a device. */
interface Output {
  readonly tag: Tag;
  readonly device: Device;
}

/**
 * Whether `next` may be written in the request that writes `before`: it lies straight behind, is verified in the same way,
 * and nothing of `before` is what it requires. So every register of the request is somebody's value, in the order asked for.
 */
export function mayFollow(before: readonly Output[], next: Output): boolean {
  const first = before[0];
  const last = before.at(-1);
  if (first?.device !== next.device || last?.tag.at.table !== next.tag.at.table) return false;
  if (endOf(last.tag) !== next.tag.at.address || ![first, last, next].every(isMergeable)) return false;
  if (isReadBack(last.tag) !== isReadBack(next.tag)) return false;
  if (next.tag.write?.requires.some(({ tag }) => before.some((each) => each.tag.name === tag))) return false;
  return endOf(next.tag) - first.tag.at.address <= mostTogether(next);
}

/** For each of these outputs of one device the longest write that begins with it. */
export function mergedRuns<T extends Output>(outputs: readonly T[]): readonly (readonly T[])[] {
  const sorted = outputs.filter(isMergeable).sort((a, b) => a.tag.at.address - b.tag.at.address);
  return sorted.map((first, index) => {
    const run = [first];
    for (const next of sorted.slice(index + 1)) if (mayFollow(run, next)) run.push(next);
    return run;
  });
}

/** Repeating a level that was refused together with its neighbours does no harm; of a pulse nobody could know. */
function isMergeable({ tag: { write, at }, device }: Output): boolean {
  if (!device.limits.mergeWrites || write?.kind !== "level") return false;
  if (write.readWrite || write.ramp !== undefined || write.verify.by === "expect") return false;
  return at.bits === undefined && device.profile.functions.has(isBitTable(at.table) ? 15 : 16);
}

/** Addresses that one request may write, and one read back. */
function mostTogether({ tag, device: { limits } }: Output): number {
  const [written, read] = isBitTable(tag.at.table)
    ? [MAX_WRITE_BITS, limits.readBits]
    : [limits.writeRegisters, limits.readRegisters];
  return isReadBack(tag) ? Math.min(written, read) : written;
}

function isReadBack({ write }: Tag): boolean {
  return write?.verify.by === "readback";
}

function endOf(tag: Tag): number {
  return tag.at.address + tagSpan(tag);
}
