import assert from "node:assert/strict";
import fc from "fast-check";
import type { Table } from "../../../src/device/location.ts";
import { succeeded } from "../../../src/device/outcome.ts";
import type { Value } from "../../../src/device/quality.ts";
import { ms, plus } from "../../../src/kit/time.ts";
import { isWrite } from "../../../src/modbus/function-code.ts";
import type { Request } from "../../../src/modbus/request.ts";
import { FakeUnit } from "../../support/slaves/fake-unit.ts";
import { ScanBench } from "../../support/scan/scan-bench.ts";
import { type DeviceSketch, level, plantLike, pulse, serialLine } from "../../support/plants/scan-plant.ts";
import { share } from "../../support/mocha/soak.ts";
import type { TagSketch } from "../../support/plants/tag.ts";

const SPEED: TagSketch = { address: 0, scanClass: "fast", write: level({ safe: { value: 0 } }) };
const TORQUE: TagSketch = { address: 1, scanClass: "fast", write: level({ safe: { value: 1 } }) };
const MODE: TagSketch = { address: 2, scanClass: "fast", write: level({ onReturn: "reassert" }) };

function coil(address: number): TagSketch {
  return { table: "coil", type: "bool", address, scanClass: "fast", write: level() };
}

function driveOf(tags: DeviceSketch["tags"] = {}, mergeWrites = true): DeviceSketch {
  return { limits: { mergeWrites }, tags: { speed: SPEED, torque: TORQUE, mode: MODE, ...tags } };
}

/** Its line has room for many writes in each frame: what is held back is not so for want of it. */
async function benchOf(drive: DeviceSketch = driveOf()): Promise<ScanBench> {
  const plant = plantLike({ drive });
  const lines = new Map([...plant.lines].map(([name, line]) => [name, { ...line, roundTrip: ms(0.1) }]));
  const bench = new ScanBench({ ...plant, lines });
  await bench.run("200ms");
  return bench;
}

/** The writes that came to the slave: function, address, values. */
function written(bench: ScanBench): readonly string[] {
  return bench
    .line()
    .writes()
    .map(({ request }) => show(request));
}

function show(request: Request): string {
  if (request.fc === 15 || request.fc === 16) return `${request.fc} ${request.address}: ${request.values.join(" ")}`;
  if (request.fc === 5 || request.fc === 6) return `${request.fc} ${request.address}: ${request.value}`;
  return `${request.fc}`;
}

/** Of each part of a command, its outcome and what was read back. */
async function outcomes(bench: ScanBench, id: string): Promise<Readonly<Record<string, string>>> {
  const { results } = await bench.outcome(id);
  return Object.fromEntries(
    Object.entries(results).map(([tag, { outcome, readback, reason }]) => {
      return [tag, [outcome, readback, reason].filter((each) => each !== undefined).join(" ")];
    }),
  );
}

/** Tag, old and new value, and outcome of every write, oldest first. */
function audited(bench: ScanBench): readonly string[] {
  const told = bench.audit.filter(({ what }) => what === "write");
  return told.map(
    ({ tag, old, new: value, outcome }) => `${String(tag)} ${String(old)} ${String(value)} ${String(outcome)}`,
  );
}

/** Takes every write and changes all but register 1. */
class Stubborn extends FakeUnit {
  override set(table: Table, address: number, value: number): void {
    if (address !== 1) super.set(table, address, value);
  }
}

/** Values above 100 are refused, whatever they come with. */
function refuseLarge(request: Request): number | undefined {
  if (request.fc === 16) return request.values.some((value) => value > 100) ? 3 : undefined;
  return request.fc === 6 && request.value > 100 ? 3 : undefined;
}

interface Played {
  /** Of each part of each command, whether it succeeded. */
  readonly succeeded: readonly unknown[];
  readonly registers: readonly number[];
  readonly requests: number;
  readonly refusals: number;
}

/** What becomes of these commands, one after the other. */
async function played(commands: readonly Readonly<Record<string, Value>>[], mergeWrites: boolean): Promise<Played> {
  const bench = await benchOf(driveOf({ run: coil(0), light: coil(1) }, mergeWrites));
  bench.unit().refusal = refuseLarge;
  const told: unknown[] = [];
  for (const set of commands) {
    const { results } = await bench.outcome(bench.set("drive", set));
    told.push(Object.entries(results).map(([tag, { outcome }]) => [tag, succeeded(outcome)]));
  }
  await bench.run("2s");
  const unit = bench.unit();
  const writes = bench.line().writes();
  return {
    succeeded: told,
    registers: [...[0, 1, 2].map((at) => unit.get("holding", at)), ...[0, 1].map((at) => unit.get("coil", at))],
    requests: writes.length,
    refusals: writes.filter(({ request }) => refuseLarge(request) !== undefined).length,
  };
}

describe("neighbouring outputs", () => {
  it("are written one by one unless their profile says otherwise", async () => {
    const bench = await benchOf(driveOf({}, false));
    const id = bench.set("drive", { speed: 5, torque: 6 });
    assert.deepEqual(await outcomes(bench, id), { speed: "verified 5", torque: "verified 6" });
    assert.deepEqual(written(bench), ["6 0: 5", "6 1: 6"]);
  });

  it("of one command are written and read back in one request, each with its outcome and audit", async () => {
    const bench = await benchOf();
    const from = bench.line().received.length;
    const id = bench.set("drive", { speed: 5, torque: 6, mode: 7 });
    assert.deepEqual(await outcomes(bench, id), { speed: "verified 5", torque: "verified 6", mode: "verified 7" });
    const asked = bench
      .line()
      .received.slice(from)
      .map(({ request }) => request);
    const at = asked.findIndex(({ fc }) => fc === 16);
    assert.deepEqual(asked.slice(at, at + 2), [
      { fc: 16, address: 0, values: [5, 6, 7] },
      { fc: 3, address: 0, quantity: 3 },
    ]);
    assert.equal(written(bench).length, 1);
    assert.deepEqual(audited(bench), ["speed 0 5 verified", "torque 0 6 verified", "mode 0 7 verified"]);
  });

  it("are coils as well", async () => {
    const bench = await benchOf(driveOf({ run: coil(3), light: coil(4) }));
    const id = bench.set("drive", { run: true, light: true });
    assert.deepEqual(await outcomes(bench, id), { run: "verified true", light: "verified true" });
    assert.deepEqual(written(bench), ["15 3: true true"]);
  });

  it("of a program are written together in the cycle in which it wants them", async () => {
    const bench = await benchOf();
    for (const [tag, value] of [
      ["speed", 5],
      ["torque", 6],
    ] as const)
      assert.ok(bench.engine.outputs.want(bench.entry(`drive/${tag}`), value).ok);
    await bench.run("100ms");
    assert.deepEqual(written(bench), ["16 0: 5 6"]);
  });

  it("are not merged against the order in which a command names them, nor over a gap, nor with a pulse", async () => {
    const step: TagSketch = { address: 3, scanClass: "onDemand", write: pulse() };
    const bench = await benchOf(driveOf({ step }));
    await bench.outcome(bench.set("drive", { torque: 6, speed: 5, mode: 7, step: 1 }));
    assert.deepEqual(written(bench), ["6 1: 6", "6 0: 5", "6 2: 7", "6 3: 1"]);
  });

  it("go safe in one request at the end, and without one waiting for the other", async () => {
    const bench = await benchOf();
    await bench.outcome(bench.set("drive", { speed: 5, torque: 6 }));
    const before = written(bench).length;
    const unconfirmed = bench.engine.outputs.enterSafeState(plus(bench.now, ms(1000)));
    await bench.run("60ms");
    assert.deepEqual(written(bench).slice(before), ["16 0: 0 1"]);
    assert.deepEqual(unconfirmed(), []);
  });

  it("of which one is made safe do not go with it: nothing else can have a stop refused", async () => {
    const requires = [{ tag: "ready", test: { kind: "is", any: [true] } }] as const;
    const ready: TagSketch = { table: "discrete", type: "bool", scanClass: "fast" };
    const torque: TagSketch = { ...TORQUE, write: level({ safe: { value: 1 }, requires }) };
    const bench = new ScanBench(plantLike({ drive: driveOf({ torque, ready }) }));
    bench.unit().set("discrete", 0, 1);
    await bench.run("200ms");
    await bench.outcome(bench.set("drive", { speed: 5, torque: 6 }));
    const before = bench.line().writes().length;
    let wanted = false;
    bench.engine.onControl(() => {
      if (wanted || bench.sample("drive/ready").value !== false) return;
      wanted = bench.engine.outputs.want(bench.entry("drive/speed"), 7).ok;
    });
    bench.unit().set("discrete", 0, 0);
    await bench.run("100ms");
    const [one, other] = bench.line().writes().slice(before);
    assert.ok(one && other && other.at - one.at < 20, "both were due in the same cycle");
    assert.deepEqual(
      [one, other].map(({ request }) => show(request)),
      ["6 0: 7", "6 1: 1"],
    );
  });

  it("are put back in one request when their device returns, each as its profile says", async () => {
    const kept = { ...TORQUE, write: level({ onReturn: "reassert" }) };
    const bench = await benchOf(driveOf({ torque: kept }));
    await bench.outcome(bench.set("drive", { speed: 5, torque: 6, mode: 7 }));
    const before = written(bench).length;
    bench.unit().silent = true;
    await bench.run("5s");
    bench.unit().silent = false;
    for (const address of [0, 1, 2]) bench.unit().set("holding", address, 99);
    await bench.run("10s");
    assert.deepEqual(written(bench).slice(before), ["16 0: 0 6 7"]);
  });

  it("that a device refuses together are written one by one, until it has been away", async () => {
    const bench = await benchOf();
    bench.unit().refusal = ({ fc }) => (fc === 16 ? 2 : undefined);
    const id = bench.set("drive", { speed: 5, torque: 6 });
    assert.deepEqual(await outcomes(bench, id), { speed: "verified 5", torque: "verified 6" });
    assert.deepEqual(written(bench), ["16 0: 5 6", "6 0: 5", "6 1: 6"]);
    await bench.outcome(bench.set("drive", { speed: 7, torque: 8 }));
    assert.deepEqual(written(bench).slice(3), ["6 0: 7", "6 1: 8"]);
    assert.deepEqual(
      bench.logs.filter(({ event }) => event === "write.apart").map(({ fields }) => fields),
      [{ device: "drive", tags: "speed, torque", reason: "exception 02 illegal data address" }],
    );
    bench.unit().refusal = () => undefined;
    bench.engine.outputs.returned(bench.entry("drive/speed").device);
    await bench.run("200ms");
    const before = written(bench).length;
    await bench.outcome(bench.set("drive", { speed: 9, torque: 9 }));
    assert.equal(written(bench)[before], "16 0: 9 9");
  });

  it("of which one is refused keep the order: what goes before it is written, what follows is not sent", async () => {
    const bench = await benchOf();
    bench.unit().refusal = refuseLarge;
    const id = bench.set("drive", { speed: 5, torque: 200, mode: 7 });
    const { speed, torque, mode } = await outcomes(bench, id);
    assert.equal(speed, "verified 5");
    assert.equal(torque, "refused exception 03 illegal data value");
    assert.match(mode ?? "", /^failed torque was not written as wanted/);
    assert.deepEqual(written(bench), ["16 0: 5 200 7", "6 0: 5", "6 1: 200"]);
  });

  it("that are not answered are each in doubt, and are repeated one by one and in order", async () => {
    const bench = await benchOf();
    bench.unit().fate = (request) => (isWrite(request.fc) ? "answerLost" : "delivered");
    const id = bench.set("drive", { speed: 5, torque: 6 });
    const { speed, torque } = await outcomes(bench, id);
    assert.match(speed ?? "", /^unknown no answer within 100 ms/);
    assert.match(torque ?? "", /^unknown no answer within 100 ms/);
    const [first, ...repeated] = written(bench);
    assert.equal(first, "16 0: 5 6");
    assert.deepEqual([...new Set(repeated)], ["6 0: 5"]);
  });

  it("whose answer was lost once are verified by what repeats them", async () => {
    const bench = await benchOf();
    let lost = 0;
    bench.unit().fate = (request) => (request.fc === 16 && lost++ === 0 ? "answerLost" : "delivered");
    const id = bench.set("drive", { speed: 5, torque: 6 });
    assert.deepEqual(await outcomes(bench, id), { speed: "verified 5", torque: "verified 6" });
    assert.deepEqual(written(bench), ["16 0: 5 6", "6 0: 5", "6 1: 6"]);
  });

  it("without an answer are each unknown where nothing would be read back, too", async () => {
    const echoed = (address: number): TagSketch => ({ address, write: level({ verify: { by: "echo" } }) });
    const bench = await benchOf({ limits: { mergeWrites: true }, tags: { speed: echoed(0), torque: echoed(1) } });
    bench.unit().fate = (request) => (isWrite(request.fc) ? "lost" : "delivered");
    const { speed, torque } = await outcomes(bench, bench.set("drive", { speed: 5, torque: 6 }));
    assert.match(speed ?? "", /^unknown/);
    assert.match(torque ?? "", /^unknown/);
  });

  it("of which one reads back otherwise: only that has failed, and only that is written again", async () => {
    const bench = new ScanBench(plantLike({ drive: driveOf() }));
    bench.line().install(1, new Stubborn(bench.clock));
    await bench.run("200ms");
    const id = bench.set("drive", { speed: 5, torque: 6, mode: 7 });
    const parts = await outcomes(bench, id);
    assert.deepEqual(parts, { speed: "verified 5", torque: "failed 0 reads back 0", mode: "verified 7" });
    const [first, ...repeated] = written(bench);
    assert.equal(first, "16 0: 5 6 7");
    assert.deepEqual([...new Set(repeated)], ["6 1: 6"]);
  });

  it("of which one is interlocked: the other is written by itself, where it comes first", async () => {
    const requires = [{ tag: "ready", test: { kind: "is", any: [true] } }] as const;
    const ready: TagSketch = { table: "discrete", type: "bool", scanClass: "fast" };
    const drive = driveOf({ torque: { ...TORQUE, write: level({ requires }) }, ready });
    const go = { steps: [{ wait: "20ms" }, { write: { speed: 5, torque: 6 } }] };
    const bench = await benchOf({ ...drive, commands: { go } });
    assert.deepEqual(await outcomes(bench, bench.call("drive", "go")), {
      speed: "verified 5",
      torque: "rejected interlocked: ready is false",
    });
    assert.deepEqual(written(bench), ["6 0: 5"]);
    bench.unit().set("discrete", 0, 1);
    await bench.run("100ms");
    await bench.outcome(bench.call("drive", "go"));
    assert.deepEqual(written(bench).slice(1), ["16 0: 5 6"]);
  });

  it("are never so many that a stop is not taken for them", async () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`t${at}`, { address: at, write: level() }]));
    const run: TagSketch = { table: "coil", type: "bool", write: level({ safe: { value: false } }) };
    const stop = { preempts: true, steps: [{ write: { run: false } }] };
    const bench = await benchOf({ limits: { mergeWrites: true }, tags: { ...many, run }, commands: { stop } });
    bench.unit().set("coil", 0, 1);
    bench.unit().fate = ({ fc }) => (fc === 16 ? "answerLost" : "delivered");
    bench.set("drive", Object.fromEntries(Object.keys(many).map((tag) => [tag, 1])));
    await bench.run("100ms");
    const stopped = await bench.outcome(bench.call("drive", "stop"));
    assert.equal(stopped.reason, undefined);
    assert.equal(stopped.outcome, "verified");
    assert.equal(bench.unit().get("coil", 0), 0);
  });

  it("wait for no budget together that one of them has: the rest goes in a later frame, in order", async () => {
    const tags = Object.fromEntries(
      Array.from({ length: 6 }, (_, index) => [`t${index}`, { address: index, scanClass: "slow", write: level() }]),
    );
    const plant = plantLike({ drive: { limits: { mergeWrites: true, writeRegisters: 4 }, tags } });
    const bench = new ScanBench({ ...plant, lines: new Map([["cell", serialLine("cell", 9600)]]) }, { window: 1 });
    await bench.run("3s");
    const id = bench.set("drive", Object.fromEntries(Object.keys(tags).map((name, index) => [name, index + 1])));
    assert.equal((await bench.outcome(id)).outcome, "verified");
    assert.deepEqual(written(bench), ["16 0: 1 2 3 4", "16 4: 5 6"]);
  });

  it("end with the same registers and outcomes as one by one, in no more requests unless one is refused", async () => {
    const values = fc.record(
      { speed: fc.nat(120), torque: fc.nat(120), mode: fc.nat(120), light: fc.boolean(), run: fc.boolean() },
      { requiredKeys: [] },
    );
    const sets = fc.array(values, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(sets, async (commands) => {
        const [merged, single] = [await played(commands, true), await played(commands, false)];
        assert.deepEqual(merged.succeeded, single.succeeded);
        assert.deepEqual(merged.registers, single.registers);
        if (merged.refusals === 0) assert.ok(merged.requests <= single.requests, "more requests than one by one");
      }),
      { numRuns: share(25) },
    );
  });
});
