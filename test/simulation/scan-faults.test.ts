import assert from "node:assert/strict";
import fc from "fast-check";
import { ms } from "../../src/kit/time.ts";
import { seededRandom } from "../../src/kit/random.ts";
import { maxAges } from "../../src/scan/image/max-age.ts";
import { ScanBench } from "../support/scan/scan-bench.ts";
import { type DeviceSketch, level, plantLike, pulse } from "../support/plants/scan-plant.ts";
import { share } from "../support/mocha/soak.ts";

const DEVICE: DeviceSketch = {
  tags: {
    a: { address: 0, scanClass: "fast" },
    b: { address: 40, scanClass: "normal", maxAge: ms(150) },
    c: { table: "input", address: 3, scanClass: "normal" },
    run: { table: "coil", address: 0, type: "bool", scanClass: "fast", write: level({ safe: { value: false } }) },
    jog: { table: "coil", address: 9, type: "bool", scanClass: "onDemand", write: pulse() },
  },
};
const WATCHED = ["a", "b", "c"] as const;

/** Three units of one line whose requests and answers get lost, whose line breaks, and that are taken out and back. */
async function live(seed: number): Promise<ScanBench> {
  const random = seededRandom(seed);
  const bench = new ScanBench(plantLike({ d1: DEVICE, d2: { ...DEVICE, unit: 2 }, d3: { ...DEVICE, unit: 3 } }), {
    window: 1 + Math.floor(random() * 4),
  });
  const ages = maxAges(
    bench.entries,
    new Map([
      ["fast", ms(20)],
      ["normal", ms(100)],
    ]),
  );
  for (const unit of [1, 2, 3]) {
    bench.unit(unit).fate = () => (random() < 0.08 ? "lost" : random() < 0.05 ? "answerLost" : "delivered");
  }
  for (let turn = 0; turn < 400; turn++) {
    disturb(bench, random);
    await bench.run("20ms");
    assertHonest(bench, ages, seed);
  }
  return bench;
}

function disturb(bench: ScanBench, random: () => number): void {
  const unit = bench.unit(1 + Math.floor(random() * 3));
  if (random() < 0.5) unit.set("holding", 0, Math.floor(random() * 9));
  if (random() < 0.5) unit.set("input", 3, Math.floor(random() * 9));
  if (random() < 0.05) unit.latency = ms(Math.floor(random() * 120));
  if (random() < 0.02) unit.silent = !unit.silent;
  if (random() < 0.02) bench.line().down();
  if (bench.line().state.state === "down" && random() < 0.1) bench.line().open();
  if (random() < 0.02) bench.engine.setService("d2", random() < 0.6);
  if (random() < 0.1)
    bench.set(`d${1 + Math.floor(random() * 3)}`, random() < 0.5 ? { jog: true } : { run: random() < 0.5 });
}

/** No good sample is older than it promises, and each is what the slave held when it was asked for. */
function assertHonest(bench: ScanBench, ages: readonly number[], seed: number): void {
  const latchedAt = bench.now;
  for (const entry of bench.entries) {
    if (!WATCHED.some((name) => name === entry.tag.name)) continue;
    const { value, quality, sourceTime } = bench.engine.image.sample(entry.index);
    const where = `seed ${seed}, ${entry.device.name}/${entry.tag.name} at ${latchedAt}`;
    if (quality === "bad") assert.equal(value, null, where);
    if (quality !== "good") continue;
    assert.ok(sourceTime !== undefined, where);
    assert.ok(latchedAt - sourceTime <= (ages[entry.index] ?? 0), `${where}: good at ${latchedAt - sourceTime} ms`);
    const { table, address } = entry.tag.at;
    const history = bench.unit(entry.device.unit).history(table, address);
    const held = history.filter(({ at }) => at < sourceTime).at(-1)?.value ?? 0;
    const since = history.filter(({ at }) => at >= sourceTime && at <= latchedAt).map((each) => each.value);
    assert.ok([held, ...since].includes(Number(value)), `${where}: ${String(value)} was never held`);
  }
}

describe("a scan among faults", () => {
  it("never calls good what is older than it promises, or what the slave did not hold", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async (seed) => {
        await live(seed);
      }),
      { numRuns: share(12) },
    );
  });

  it("sends no pulse twice, gives every command one outcome, and gives the same trace for the same seed", async () => {
    for (const seed of [1, 2, 3]) {
      const bench = await live(seed);
      bench.line().open();
      await bench.run("10s");
      assert.equal(bench.activeCommands, 0);
      const ids = bench.results.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
      const jogs = bench
        .line()
        .writes()
        .filter(({ request }) => request.fc === 5 && request.address === 9).length;
      const asked = bench.results.filter(({ results }) => results["jog"]?.sent !== undefined).length;
      assert.ok(asked > 0 && jogs <= asked, `${jogs} pulses for ${asked} commands`);
      const again = await live(seed);
      assert.deepEqual(bench.line().received.slice(0, again.line().received.length), again.line().received);
    }
  });
});
