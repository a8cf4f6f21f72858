import assert from "node:assert/strict";
import fc from "fast-check";
import type { Sample } from "../../../src/device/quality.ts";
import { tagCodec } from "../../../src/device/tag-codec.ts";
import { instant, ms } from "../../../src/kit/time.ts";
import type { Answer, Request } from "../../../src/modbus/request.ts";
import { agrees } from "../../../src/scan/image/agreement.ts";
import {
  afterCommand,
  afterCorrection,
  afterReading,
  afterReturn,
  correctionDue,
  FREE_LEVEL,
  type Level,
} from "../../../src/scan/outputs/level.ts";
import { passGate } from "../../../src/scan/outputs/output-gate.ts";
import { permitAll, permitNothing } from "../../../src/scan/outputs/permit.ts";
import { writeSteps } from "../../../src/device/write-steps.ts";
import { deviceLike, level } from "../../support/plants/scan-plant.ts";
import type { TagSketch } from "../../support/plants/tag.ts";
import type { FunctionCode } from "../../../src/modbus/function-code.ts";
import type { TagEntry } from "../../../src/device/tag-table.ts";

function entryOf(tag: TagSketch, functions?: readonly FunctionCode[]): TagEntry {
  const device = deviceLike("d", { tags: { value: tag }, ...(functions && { functions }) });
  const built = device.tags.get("value");
  assert.ok(built);
  return { index: 0, device, tag: built };
}

/** The requests that write `value`; where something is read first it holds `before`. */
function requests(
  tag: TagSketch,
  value: boolean | number | string | readonly number[],
  functions?: readonly FunctionCode[],
  before = 0xffff,
): readonly Request[] {
  const entry = entryOf(tag, functions);
  const codec = tagCodec(entry.tag);
  const encoded = codec.encode(value);
  assert.ok(encoded.ok, encoded.ok ? "" : encoded.failure);
  const fetched: Answer = { kind: "registers", registers: Array.from({ length: codec.size }, () => before) };
  return writeSteps(entry, codec, encoded.value, true).map((step) => step.request(fetched));
}

const read = (fc: 1 | 3, address: number, quantity: number): Request => ({ fc, address, quantity });

describe("the requests of a write", () => {
  const rows: readonly (readonly [string, readonly Request[], readonly Request[]])[] = [
    [
      "a coil",
      requests({ table: "coil", address: 7, type: "bool" }, true),
      [{ fc: 5, address: 7, value: true }, read(1, 7, 1)],
    ],
    [
      "a coil without FC 05",
      requests({ table: "coil", address: 7, type: "bool" }, true, [1, 15]),
      [{ fc: 15, address: 7, values: [true] }, read(1, 7, 1)],
    ],
    ["a register", requests({ address: 3 }, 513), [{ fc: 6, address: 3, value: 513 }, read(3, 3, 1)]],
    [
      "a register without FC 06",
      requests({ address: 3 }, 513, [3, 16]),
      [{ fc: 16, address: 3, values: [513] }, read(3, 3, 1)],
    ],
    [
      "registers whose profile asks for FC 23",
      requests({ address: 3, type: "uint32", write: level({ readWrite: true }) }, 0x00010002),
      [{ fc: 23, address: 3, quantity: 2, writeAddress: 3, values: [1, 2] }],
    ],
    [
      "a register of swapped bytes",
      requests({ address: 3, order: "BADC" }, 0x0102),
      [{ fc: 6, address: 3, value: 0x0201 }, read(3, 3, 1)],
    ],
    [
      "two registers",
      requests({ address: 3, type: "uint32" }, 0x00010002),
      [{ fc: 16, address: 3, values: [1, 2] }, read(3, 3, 2)],
    ],
    [
      "two registers, words swapped",
      requests({ address: 3, type: "uint32", order: "CDAB" }, 0x00010002),
      [{ fc: 16, address: 3, values: [2, 1] }, read(3, 3, 2)],
    ],
    [
      "an array",
      requests({ address: 3, count: 3 }, [1, 2, 3]),
      [{ fc: 16, address: 3, values: [1, 2, 3] }, read(3, 3, 3)],
    ],
    [
      "bits by mask",
      requests({ address: 3, bits: [4, 7] }, 5),
      [{ fc: 22, address: 3, and: 0xff0f, or: 0x0050 }, read(3, 3, 1)],
    ],
    [
      "bits by mask in swapped bytes",
      requests({ address: 3, bits: [4, 7], order: "BADC" }, 5),
      [{ fc: 22, address: 3, and: 0x0fff, or: 0x5000 }, read(3, 3, 1)],
    ],
    [
      "bits by read, merge and write",
      requests({ address: 3, bits: [4, 7] }, 5, [3, 6, 16], 0xabcd),
      [read(3, 3, 1), { fc: 6, address: 3, value: 0xab5d }, read(3, 3, 1)],
    ],
    [
      "one bit by read, merge and write",
      requests({ address: 3, type: "bool", bits: [0, 0] }, false, [3, 16], 0xffff),
      [read(3, 3, 1), { fc: 16, address: 3, values: [0xfffe] }, read(3, 3, 1)],
    ],
  ];
  for (const [what, sent, expected] of rows) it(`are right for ${what}`, () => assert.deepEqual(sent, expected));

  it("touch no other bit than the tag's", () => {
    const range = fc
      .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 15 }))
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(
        range,
        fc.constantFrom("ABCD" as const, "BADC" as const),
        fc.integer({ min: 0, max: 0xffff }),
        fc.nat(),
        (bits, order, before, any) => {
          const width = bits[1] - bits[0] + 1;
          const tag: TagSketch = { bits: [bits[0], bits[1]], order };
          const value = any % 2 ** width;
          const [, written] = requests(tag, value, [3, 6], before);
          const [masked] = requests(tag, value, [3, 22], before);
          if (width === 16) return;
          assert.ok(written?.fc === 6 && masked?.fc === 22);
          assert.equal(written.value, (before & masked.and) | (masked.or & ~masked.and & 0xffff));
          const codec = tagCodec(entryOf(tag).tag);
          assert.ok(codec.kind === "registers");
          assert.equal(codec.decode([written.value], 0).value, value);
          assert.equal((written.value ^ before) & ~codec.mask & 0xffff, 0);
        },
      ),
    );
  });
});

function speed(): TagSketch {
  return { scale: 0.1, unit: "m/s", write: level({ range: { min: 0, max: 2 } }) };
}

describe("the output gate", () => {
  const online = {
    permit: permitAll,
    status: "online",
    evenOffline: false,
    role: "operator",
    interlock: () => undefined,
  } as const;
  const locked = { ...online, interlock: () => "door is open" };
  const guarded: TagSketch = {
    ...speed(),
    write: level({ safe: { value: 0 }, requires: [{ tag: "door", test: { kind: "is", any: ["closed"] } }] }),
  };
  const gate = (
    tag: TagSketch,
    value: Parameters<typeof passGate>[2],
    view: Parameters<typeof passGate>[3] = online,
  ): string => {
    const entry = entryOf(tag);
    const passed = passGate(entry, tagCodec(entry.tag), value, view);
    return passed.ok
      ? `${JSON.stringify(passed.value.value)} as ${JSON.stringify(passed.value.encoded)}`
      : passed.failure;
  };
  const rows: readonly (readonly [string, string, string])[] = [
    ["a value in range", gate(speed(), 1.5), "1.5 as [15]"],
    ["a value between two steps", gate(speed(), 0.46), "0.5 as [5]"],
    ["a value below", gate({ ...speed(), type: "int16" }, -0.1), "-0.1 is outside 0 to 2 m/s"],
    ["a value above", gate(speed(), 2.1), "2.1 is outside 0 to 2 m/s"],
    ["one of many above", gate({ ...speed(), count: 2 }, [1, 9]), "9 is outside 0 to 2 m/s"],
    ["what is no number", gate(speed(), "fast"), 'takes a number, not "fast"'],
    ["not a number", gate(speed(), Number.NaN), "takes a number, not NaN"],
    ["what means no value", gate({ invalid: [0xffff], write: level() }, 0xffff), '65535 means "no value" in this tag'],
    ["a tag nobody may write", gate({}, 1), "not writable"],
    [
      "a master that only watches",
      gate(speed(), 1, { ...online, permit: permitNothing }),
      "this master runs read-only",
    ],
    ["an offline device", gate(speed(), 1, { ...online, status: "offline" }), "its device is offline"],
    [
      "an offline device, at the end",
      gate(speed(), 1, { ...online, status: "offline", evenOffline: true }),
      "1 as [10]",
    ],
    [
      "a device out of service, at the end",
      gate(speed(), 1, { ...online, status: "disabled", evenOffline: true }),
      "its device is out of service",
    ],
    ["an interlock that does not hold", gate(guarded, 1, locked), "interlocked: door is open"],
    ["an interlock, for the safe value", gate(guarded, 0, locked), "0 as [0]"],
    [
      "somebody without the role",
      gate({ write: level({ role: "engineer" }) }, 1),
      "needs the role engineer; this is operator",
    ],
    ["a degraded device", gate(speed(), 1, { ...online, status: "degraded" }), "1 as [10]"],
  ];
  for (const [what, said, expected] of rows) it(`says to ${what}: ${expected}`, () => assert.equal(said, expected));
});

describe("agreement", () => {
  for (const [wanted, seenValue, tolerance, expected] of [
    [1, 1, 0, true],
    [1, null, 9, false],
    [0.3, 0.1 + 0.2, 0, true],
    [1, 1.05, 0.05, true],
    [1, 1.06, 0.05, false],
    [1e6, 1e6 + 0.5, 0, false],
    [true, true, 0, true],
    [true, 1, 0, false],
    ["a", "a", 0, true],
    [5n, 5n, 0, true],
    [[1, 2], [1, 2.1], 0.2, true],
    [[1, 2], [1], 0.2, false],
    [[1, 2], 1, 0.2, false],
  ] as const) {
    const text = (value: unknown): string =>
      JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? `${each}n` : each));
    it(`of ${text(wanted)} and ${text(seenValue)} within ${tolerance}: ${expected}`, () =>
      assert.equal(agrees(wanted, seenValue, tolerance), expected));
  }
});

describe("a level's wanted value", () => {
  const kept: Level = { ...FREE_LEVEL, wanted: 1, settledAt: instant(10) };
  const at = instant(100);
  const turn = { now: at, brokenAt: undefined };
  for (const [outcome, wanted] of [
    ["verified", 2],
    ["acknowledged", 2],
    ["unknown", 2],
    ["failed", undefined],
    ["rejected", 1],
    ["refused", 1],
    ["expired", 1],
  ] as const) {
    it(`is ${wanted} after a command for 2 that was ${outcome}`, () =>
      assert.equal(afterCommand(kept, 2, outcome, at).wanted, wanted));
  }

  for (const [onReturn, safe, wanted, settledAt] of [
    ["hold", { value: 9 }, undefined, undefined],
    ["safe", { value: 9 }, 9, undefined],
    ["safe", "hold", undefined, undefined],
    ["safe", undefined, undefined, undefined],
    ["reassert", { value: 9 }, 1, undefined],
  ] as const) {
    it(`is ${wanted} after a return with ${onReturn}, safe ${JSON.stringify(safe)}`, () => {
      const after = afterReturn(kept, level({ onReturn, safe }), at);
      assert.deepEqual([after.wanted, after.settledAt], [wanted, settledAt]);
    });
  }
  it("that nobody asked for is not reasserted", () =>
    assert.equal(afterReturn(FREE_LEVEL, level({ onReturn: "reassert" }), at), FREE_LEVEL));

  const sample = (value: number | null, sourceTime: number, quality: Sample["quality"] = "good"): Sample => ({
    value,
    quality,
    reason: "ok",
    sourceTime: instant(sourceTime),
  });
  const due: readonly (readonly [string, ReturnType<typeof correctionDue>, string | undefined])[] = [
    ["free", correctionDue(FREE_LEVEL, sample(5, 50), level(), turn), undefined],
    ["agreeing", correctionDue(kept, sample(1, 50), level(), turn), undefined],
    ["disagreeing", correctionDue(kept, sample(5, 50), level(), turn), "disagrees"],
    ["disagreeing before it settled", correctionDue(kept, sample(5, 10), level(), turn), undefined],
    ["disagreeing in a stale sample", correctionDue(kept, sample(5, 50, "stale"), level(), turn), undefined],
    [
      "disagreeing in its pause",
      correctionDue({ ...kept, notBefore: instant(101) }, sample(5, 50), level(), turn),
      undefined,
    ],
    [
      "disagreeing where only the echo counts",
      correctionDue(kept, sample(5, 50), level({ verify: { by: "echo" } }), turn),
      undefined,
    ],
    [
      "disagreeing since a break",
      correctionDue(kept, sample(5, 50), level(), { ...turn, brokenAt: instant(40) }),
      undefined,
    ],
    [
      "disagreeing again since it held after a break",
      correctionDue({ ...kept, heldAt: instant(45) }, sample(5, 50), level(), { ...turn, brokenAt: instant(40) }),
      "disagrees",
    ],
    [
      "due for its refresh since a break",
      correctionDue(kept, sample(1, 50), level({ refresh: ms(90) }), { ...turn, brokenAt: instant(40) }),
      undefined,
    ],
    ["due for its refresh", correctionDue(kept, sample(1, 50), level({ refresh: ms(90) }), turn), "refresh"],
    ["not due for its refresh", correctionDue(kept, sample(1, 50), level({ refresh: ms(91) }), turn), undefined],
    [
      "wanted and never written",
      correctionDue({ ...kept, settledAt: undefined }, sample(1, 50), level(), turn),
      "wanted",
    ],
  ];
  for (const [what, said, expected] of due)
    it(`${what}: ${expected ?? "no correction"}`, () => assert.equal(said, expected));

  it("is corrected after pauses of 200 ms to 5 s while that does not help", () => {
    const pauses: number[] = [];
    let now = kept;
    for (let turn = 0; turn < 7; turn++) {
      now = afterCorrection(now, (["refused", "unknown", "verified"] as const)[turn % 3] ?? "unknown", at, true);
      pauses.push((now.notBefore ?? at) - at);
    }
    assert.deepEqual(pauses, [200, 400, 800, 1600, 3200, 5000, 5000]);
    assert.equal(afterCorrection(now, "verified", at, false).corrections, 0);
    assert.equal(afterReading(now, sample(5, 150), level(), turn), now);
    assert.equal(afterReading(now, sample(1, 50), level(), turn), now);
    assert.deepEqual(afterReading(now, sample(1, 150), level(), turn), {
      ...kept,
      settledAt: at,
      heldAt: instant(150),
    });
  });

  const safe = level({ onReturn: "safe", safe: { value: 9 } });
  const echoed = level({ ...safe, verify: { by: "echo" }, refresh: ms(50) });
  for (const [what, reading, rule, wanted] of [
    ["holds", sample(1, 50), safe, 1],
    ["was not read yet", sample(5, 30), safe, 1],
    ["does not hold", sample(5, 50), safe, 9],
    ["cannot be read and is to be refreshed", sample(5, 50), echoed, 9],
    ["cannot be read", sample(5, 50), { ...echoed, refresh: undefined }, 1],
  ] as const) {
    it(`is ${wanted} when it ${what} after a break`, () =>
      assert.equal(afterReading(kept, reading, rule, { now: at, brokenAt: instant(40) }).wanted, wanted));
  }
});
