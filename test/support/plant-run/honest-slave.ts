import assert from "node:assert/strict";
import type { AddressSpace } from "../../../simulators/memory/address-space.ts";
import type { MemoryTable } from "../../../simulators/memory/memory-table.ts";
import { tagQuantity } from "../../../simulators/memory/value-codec.ts";
import { replyOf, type SimulatedUnit, simulateUnit } from "../../../simulators/simulated-device.ts";
import type { Reply } from "../../../simulators/wire/reply.ts";
import type { Table } from "../../../src/device/location.ts";
import type { Device } from "../../../src/device/profile.ts";
import type { Value } from "../../../src/device/quality.ts";
import type { Tag } from "../../../src/device/tag.ts";
import type { Instant } from "../../../src/kit/time.ts";

/** Measured registers hold something else every so many milliseconds: an answer that is late is a wrong one. */
const NEW_VALUES_EVERY = 300;

/** What was written is remembered this often for each address. */
const MOST_REMEMBERED = 64;

interface Written {
  readonly at: Instant;
  readonly word: number;
}

/** A slave that can say what each of its registers held at any instant: measured ones by arithmetic, outputs by memory. */
export class HonestSlave {
  readonly device: Device;
  readonly #now: () => Instant;
  readonly #simulated: SimulatedUnit;
  readonly #cells: readonly Cell[];
  /** By table and address. */
  readonly #written = new Map<number, Written[]>();
  readonly #counts = new Map<number, number>();
  #epoch = Number.NaN;

  /** `wrote` is told every tag that a master writes, whenever it does. */
  constructor(device: Device, now: () => Instant, wrote: (tag: string) => void = () => undefined) {
    this.device = device;
    this.#now = now;
    this.#simulated = simulateUnit([device], { strict: false });
    const { space } = this.#simulated.slave;
    this.#cells = [...device.tags.values()].filter((tag) => !tag.write).flatMap((tag) => cellsOf(tag, space));
    this.#simulated.slave.space.onWrite((table, first, quantity) => {
      for (let address = first; address < first + quantity; address++) this.#remember(table, address);
      for (const { name, at } of device.tags.values()) {
        if (at.table === table && at.address >= first && at.address < first + quantity) wrote(name);
      }
    });
  }

  respond(pdu: Buffer): Reply {
    this.#measure();
    return replyOf(this.#simulated, pdu);
  }

  /** How often a master wrote this address. */
  writes(table: Table, address: number): number {
    return this.#counts.get(keyOf(table, address)) ?? 0;
  }

  /** Whether the tag showed `value` at any instant from `from` to `to`. */
  showed(tag: Tag, value: Value | null, from: Instant, to: Instant): boolean {
    if (tag.write) return this.#heldSince(tag, from, to).some((word) => valueOf(tag, word, 0) === value);
    const { table, address } = tag.at;
    for (let epoch = epochAt(from); epoch <= epochAt(to); epoch++) {
      if (valueOf(tag, this.#measured(table, address, epoch), this.#measured(table, address + 1, epoch)) === value)
        return true;
    }
    return false;
  }

  /** What an output's register held from `from` to `to`; 0 before it was first written. */
  #heldSince(tag: Tag, from: Instant, to: Instant): readonly number[] {
    const history = this.#written.get(keyOf(tag.at.table, tag.at.address)) ?? [];
    const since = history.findLastIndex(({ at }) => at <= from);
    const words = history.slice(Math.max(0, since)).filter(({ at }) => at <= to);
    return [...(since < 0 ? [0] : []), ...words.map(({ word }) => word)];
  }

  #measure(): void {
    const epoch = epochAt(this.#now());
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    for (const { table, address, memory } of this.#cells) memory.put(address, this.#measured(table, address, epoch));
  }

  #measured(table: Table, address: number, epoch: number): number {
    const mixed = mix(mix(epoch ^ (this.device.unit << 24)) ^ (address << 4) ^ TABLE_NUMBER[table]);
    return table === "coil" || table === "discrete" ? mixed & 1 : mixed & 0xffff;
  }

  #remember(table: Table, address: number): void {
    const key = keyOf(table, address);
    const history = this.#written.get(key) ?? [];
    this.#written.set(key, history);
    history.push({ at: this.#now(), word: this.#simulated.slave.space.table(table).read(address, 1)[0] ?? 0 });
    if (history.length > MOST_REMEMBERED) history.shift();
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }
}

const TABLE_NUMBER: Readonly<Record<Table, number>> = { coil: 0, discrete: 1, input: 2, holding: 3 };

function keyOf(table: Table, address: number): number {
  return TABLE_NUMBER[table] * 65_536 + address;
}

/** A measured register, and where the slave keeps it. */
interface Cell {
  readonly table: Table;
  readonly address: number;
  readonly memory: MemoryTable;
}

function cellsOf(tag: Tag, space: AddressSpace): readonly Cell[] {
  const { table, address } = tag.at;
  const memory = space.table(table);
  return Array.from({ length: tagQuantity(tag) }, (_, index) => ({ table, address: address + index, memory }));
}

/** The tag's value in its register and the one behind it; the types of {@link plantOfSeed} only. */
function valueOf({ type, at }: Tag, word: number, next: number): Value {
  if (type === "bool") return word === 1;
  if (type === "int16") return (word << 16) >> 16;
  if (type === "uint32") return word * 65_536 + next;
  assert.ok(type === "uint16", `${type} at ${at.address}`);
  return word;
}

function epochAt(at: Instant): number {
  return Math.floor(at / NEW_VALUES_EVERY);
}

/** The finalizer of murmur3: every bit of the input changes half of those of the output. */
function mix(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
