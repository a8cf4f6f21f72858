import assert from "node:assert/strict";
import { ms } from "../../../src/kit/time.ts";
import type { PlantEvent } from "../../../src/scan/scan-sink.ts";
import { ScanBench } from "../../support/scan/scan-bench.ts";
import { plantLike, serialLine } from "../../support/plants/scan-plant.ts";

const UNITS = [1, 2, 3, 4];

/** Four units on one wire that carries one transaction at a time; all answer within what is stated. */
function wire(): ScanBench {
  const timing = { turnaround: ms(5), responseTimeout: ms(500) };
  const tags = { a: { address: 0, scanClass: "normal" } };
  const plant = plantLike(Object.fromEntries(UNITS.map((unit) => [`d${unit}`, { unit, timing, tags }])));
  const bench = new ScanBench({ ...plant, lines: new Map([["cell", serialLine("cell", 19_200)]]) }, { window: 1 });
  for (const unit of UNITS) bench.unit(unit).latency = ms(8);
  return bench;
}

function told(bench: ScanBench): readonly PlantEvent[] {
  return bench.sink.events.filter(({ event }) => event.startsWith("device.slow"));
}

describe("a unit that answers just within its timeout, every time", () => {
  it("is named, with how late it is and whose reads that costs, once and not again while it lasts", async () => {
    const bench = wire();
    await bench.run("20s");
    assert.deepEqual(told(bench), []);
    bench.unit(2).latency = ms(450);
    const from = bench.now;
    await bench.run("120s");
    const [event, ...others] = told(bench);
    assert.ok(event);
    assert.deepEqual(others, []);
    assert.ok(event.at - from < 5000, `told after ${event.at - from} ms`);
    const { line, device, took, planned, late, answers, beyond } = event.fields;
    assert.deepEqual([event.event, line, device, took], ["device.slow", "cell", "d2", 450]);
    assert.ok(Number(planned) > 5 && Number(planned) < 20, `planned ${String(planned)}`);
    assert.deepEqual([answers, beyond], [3, 3 * (450 - Number(planned))]);
    assert.match(String(late), /^d\d \d+, d\d \d+, d\d \d+$/);
    assert.doesNotMatch(String(late), /d2/);
    assert.equal(bench.logs.filter((record) => record.event === "device.slow" && record.level === "warn").length, 1);
    assert.deepEqual(
      UNITS.map((unit) => bench.status(`d${unit}`)),
      Array(4).fill("online"),
    );
  });

  it("is told to be well when it has been so for a while, and named again when it is slow again", async () => {
    const bench = wire();
    bench.unit(2).latency = ms(450);
    await bench.run("60s");
    bench.unit(2).latency = ms(8);
    await bench.run("20s");
    assert.equal(told(bench).length, 1, "not yet");
    await bench.run("60s");
    bench.unit(2).latency = ms(450);
    await bench.run("60s");
    const names = told(bench).map(({ event, fields }) => `${event} ${String(fields["device"])}`);
    assert.deepEqual(names, ["device.slow d2", "device.slowOver d2", "device.slow d2"]);
  });

  it("does not come and go with a unit that is slow by turns", async () => {
    const bench = wire();
    for (let turn = 0; turn < 10; turn++) {
      bench.unit(2).latency = ms(turn % 2 === 0 ? 450 : 8);
      await bench.run("10s");
    }
    assert.equal(told(bench).length, 1);
  });

  it("is not told of one that has the time: nobody's reads are late for it", async () => {
    const bench = wire();
    bench.unit(2).latency = ms(30);
    await bench.run("60s");
    assert.deepEqual(told(bench), []);
  });

  it("is not told of an accident now and then, nor of one that does not answer at all", async () => {
    const bench = wire();
    for (let minute = 0; minute < 5; minute++) {
      bench.unit(2).latency = ms(450);
      await bench.run("100ms");
      bench.unit(2).latency = ms(8);
      await bench.run("60s");
    }
    bench.unit(3).silent = true;
    await bench.run("120s");
    assert.deepEqual(told(bench), []);
  });

  it("is not looked for in frames that this machine itself held up", async () => {
    const [punctual, late] = [wire(), wire()];
    for (const bench of [punctual, late]) {
      bench.unit(2).latency = ms(95);
      bench.pacemaker.stop();
      for (let cycle = 1; cycle <= 3000; cycle++) {
        await bench.run(bench === punctual ? "20ms" : cycle % 2 === 0 ? "15ms" : "25ms");
        bench.engine.cycle({ cycle, lateness: ms(0), skipped: 0 });
      }
    }
    assert.deepEqual([told(punctual).length, told(late).length], [1, 0]);
  });

  it("is found on Modbus/TCP, too, where only its own reads are late for it", async () => {
    const tags = { a: { address: 0, scanClass: "normal" }, b: { address: 90, scanClass: "normal" } };
    const plant = plantLike({ d1: { unit: 1, tags, timing: { responseTimeout: ms(500) } }, d2: { unit: 2, tags } });
    const bench = new ScanBench(plant);
    bench.unit(1).latency = ms(450);
    await bench.run("30s");
    const [event, ...others] = told(bench);
    assert.deepEqual([event?.fields["device"], event?.fields["planned"], others.length], ["d1", 4, 0]);
    assert.match(String(event?.fields["late"]), /^d1 \d+$/);
  });
});
