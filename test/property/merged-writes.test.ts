import assert from "node:assert/strict";
import fc from "fast-check";
import type { LineSettings } from "../../src/config/plant/plant.ts";
import { mayFollow, mergedRuns } from "../../src/device/merge-writes.ts";
import type { Device } from "../../src/device/profile.ts";
import { tagCodec } from "../../src/device/tag-codec.ts";
import { type TagEntry, tagTable } from "../../src/device/tag-table.ts";
import { mergedSteps } from "../../src/device/write-steps.ts";
import { ms } from "../../src/kit/time.ts";
import type { FunctionCode } from "../../src/modbus/function-code.ts";
import { BAUD_RATES } from "../../src/modbus/serial-format.ts";
import { writeCost } from "../../src/plan/write-cost.ts";
import { deviceLike, level, pulse, READBACK, serialLine } from "../support/plants/scan-plant.ts";
import type { TagSketch } from "../support/plants/tag.ts";

const output: fc.Arbitrary<TagSketch> = fc
  .record({
    coil: fc.boolean(),
    address: fc.nat(12),
    wide: fc.boolean(),
    bits: fc.constantFrom(undefined, undefined, undefined, [0, 3] as const),
    verify: fc.constantFrom(READBACK, READBACK, { by: "echo" } as const, { by: "none" } as const),
    isPulse: fc.integer({ min: 0, max: 7 }).map((dice) => dice === 0),
  })
  .map(({ coil, address, wide, bits, verify, isPulse }): TagSketch => {
    const write = isPulse ? pulse({ verify }) : level({ verify });
    if (coil) return { table: "coil", address, type: "bool", write };
    return { address, type: wide ? "uint32" : "uint16", write, ...(bits && !wide && { bits }) };
  });

const device = fc
  .record({
    tags: fc.array(output, { maxLength: 16 }),
    writeRegisters: fc.integer({ min: 2, max: 8 }),
    readRegisters: fc.integer({ min: 2, max: 8 }),
    readBits: fc.integer({ min: 1, max: 6 }),
    mergeWrites: fc.integer({ min: 0, max: 7 }).map((dice) => dice > 0),
    window: fc.constantFrom(1, 4),
    without: fc.constantFrom<FunctionCode | undefined>(undefined, undefined, undefined, 15, 16),
  })
  .map(({ tags, without, ...limits }) => {
    const all: readonly FunctionCode[] = [1, 2, 3, 4, 5, 6, 15, 16, 22];
    const functions = all.filter((code) => code !== without);
    const named = tags.map((each, index) => [`t${index}`, each] as const);
    return deviceLike("d", { tags: Object.fromEntries(named), limits, functions });
  });

const line: fc.Arbitrary<LineSettings> = fc
  .record({ serial: fc.boolean(), baudRate: fc.constantFrom(...BAUD_RATES), window: fc.constantFrom(1, 4) })
  .map(({ serial, baudRate, window }): LineSettings => {
    if (serial) return serialLine("cell", baudRate);
    const times = { connectTimeout: ms(1000), roundTrip: ms(4), delayAfterConnect: ms(0) };
    return { name: "cell", kind: "tcp", host: "127.0.0.1", port: 502, window, gateway: undefined, ...times };
  });

/** As the scan does it: each joins the group before it, or begins one. */
function grouped(entries: readonly TagEntry[]): TagEntry[][] {
  const groups: TagEntry[][] = [];
  for (const entry of entries) {
    const last = groups.at(-1);
    if (last && mayFollow(last, entry)) last.push(entry);
    else groups.push([entry]);
  }
  return groups;
}

/** Values that tell the registers of all tags apart. */
function partOf(entry: TagEntry): Parameters<typeof mergedSteps>[0][number] {
  const codec = tagCodec(entry.tag);
  return { entry, codec, encoded: Array.from({ length: codec.size }, (_, word) => entry.index * 10 + word) };
}

function cellsOf(entry: TagEntry): readonly (readonly [address: number, cell: number])[] {
  return partOf(entry).encoded.map((cell, word) => [entry.tag.at.address + word, Number(cell)]);
}

function assertSound(made: Device, group: readonly TagEntry[]): void {
  const [first] = group;
  assert.ok(first && made.limits.mergeWrites, "the profile does not allow it");
  const { table } = first.tag.at;
  const { by } = first.tag.write?.verify ?? { by: "none" };
  for (const { tag } of group) {
    assert.ok(tag.at.table === table && tag.at.bits === undefined && tag.write?.kind === "level");
    assert.equal(tag.write.verify.by === "readback", by === "readback");
  }
  const [write, read, ...more] = mergedSteps(group.map(partOf), by === "readback").map(({ request }) => {
    return request(undefined);
  });
  assert.deepEqual(more, []);
  assert.ok(write?.fc === (table === "coil" ? 15 : 16) && made.profile.functions.has(write.fc));
  const own = group.flatMap(cellsOf);
  const sent = write.values.map((cell, index) => [write.address + index, cell]);
  const expected = own.map(([address, cell]) => [address, table === "coil" ? cell !== 0 : cell]);
  assert.deepEqual(sent, expected, "every register is somebody's value, in the order asked for, without a gap");
  const { limits } = made;
  if (table === "holding") assert.ok(own.length <= limits.writeRegisters);
  if (by === "readback") {
    assert.ok(own.length <= (table === "coil" ? limits.readBits : limits.readRegisters));
    const [fc, quantity] = [table === "coil" ? 1 : 3, own.length];
    assert.deepEqual(read, { fc, address: first.tag.at.address, quantity });
  } else {
    assert.equal(read, undefined);
  }
}

describe("writes of neighbours", () => {
  it("become one only as far as the profile allows, without a gap, in their order", () => {
    fc.assert(
      fc.property(device, (made) => {
        const entries = tagTable([made]);
        const groups = grouped(entries);
        assert.deepEqual(groups.flat(), entries);
        for (const group of [...groups, ...mergedRuns(entries)]) if (group.length > 1) assertSound(made, group);
      }),
    );
  });

  it("become one where nothing speaks against it", () => {
    const tags = Object.fromEntries(
      Array.from({ length: 5 }, (_, index) => [`t${index}`, { address: index, write: level() }]),
    );
    const sizes = (limits: Partial<Device["limits"]>): readonly number[] =>
      grouped(tagTable([deviceLike("d", { tags, limits })])).map(({ length }) => length);
    assert.deepEqual(sizes({}), [1, 1, 1, 1, 1]);
    assert.deepEqual(sizes({ mergeWrites: true }), [5]);
    assert.deepEqual(sizes({ mergeWrites: true, writeRegisters: 3 }), [3, 2]);
    assert.deepEqual(sizes({ mergeWrites: true, readRegisters: 2 }), [2, 2, 1]);
  });

  it("never become one where what is written first is what the next requires", () => {
    const requires = [{ tag: "mode", test: { kind: "is", any: [1] } }] as const;
    const tags = { mode: { address: 0, write: level() }, speed: { address: 1, write: level({ requires }) } };
    const [mode, speed] = tagTable([deviceLike("d", { tags, limits: { mergeWrites: true } })]);
    assert.ok(mode && speed);
    assert.equal(mayFollow([mode], speed), false);
  });

  it("cost their line no more together than by themselves", () => {
    fc.assert(
      fc.property(device, line, (made, settings) => {
        for (const run of mergedRuns(tagTable([made]))) {
          const apart = run.reduce((sum, entry) => sum + writeCost([entry], settings), 0);
          const together = writeCost(run, settings);
          assert.ok(together > 0 && together <= apart + 1e-9, `${together} ms together, ${apart} ms apart`);
        }
      }),
    );
  });
});
