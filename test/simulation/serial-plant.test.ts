import assert from "node:assert/strict";
import { instant, type Instant, ms } from "../../src/kit/time.ts";
import { maxAges } from "../../src/scan/image/max-age.ts";
import { tagTable } from "../../src/device/tag-table.ts";
import { HonestSlave } from "../support/plant-run/honest-slave.ts";
import { Oracle } from "../support/plant-run/oracle.ts";
import { plantOfSeed } from "../support/plant-run/plant-of-seed.ts";
import type { PlantReport } from "../support/plant-run/plant-run.ts";
import { simulatePlant } from "../support/plant-run/simulate-plant.ts";
import { share } from "../support/mocha/soak.ts";

async function assertPromises(seed: number, minutes: number): Promise<PlantReport> {
  const handOver = seed % 2 === 0 ? "pieces" : "whole";
  const report = await simulatePlant({ seed, span: ms(minutes * 60_000), plant: "wire", handOver });
  const { broken } = report;
  const again = `npm run sim -- --seed ${seed} --plant wire --hours ${minutes / 60}${handOver === "pieces" ? " --pieces" : ""}`;
  assert.deepEqual(broken.slice(0, 5), [], `seed ${seed}, trace ${report.hash}: ${broken.length} promises; ${again}`);
  return report;
}

describe("ten slaves on one wire, with every fault of the catalogue", () => {
  it("give no wrong good value, no write without a permit, no pulse twice, and one outcome for every command", async () => {
    const met = { timeout: 0, damaged: 0, mismatch: 0, exception: 0, verified: 0, offline: 0 };
    for (let seed = 1; seed <= share(6); seed++) {
      const { judged, outcomes, events, totals } = await assertPromises(seed, 5);
      const { failures, answers } = totals;
      assert.ok(judged > 10_000 && answers > 2500, `seed ${seed}: ${judged} values of ${answers} answers`);
      for (const kind of ["timeout", "damaged", "mismatch", "exception"] as const) met[kind] += failures[kind];
      met.verified += outcomes["verified"] ?? 0;
      met.offline += events["device.offline"] ?? 0;
    }
    assert.ok(Math.min(...Object.values(met)) > 20, `too little happened: ${JSON.stringify(met)}`);
  });

  it("go the same way for the same seed, and another for another", async () => {
    const hashes = await Promise.all(
      [7, 7, 8].map(async (seed) => (await simulatePlant({ seed, span: ms(60_000), plant: "wire" })).hash),
    );
    assert.equal(hashes[0], hashes[1]);
    assert.notEqual(hashes[0], hashes[2]);
  });
});

describe("the oracle of the simulated plant", () => {
  const plant = plantOfSeed(1);
  const entries = tagTable(plant.devices.values());
  const slaves = new Map(
    [...plant.devices.values()].map((device) => [device.name, new HonestSlave(device, () => instant(0))]),
  );
  const measured = entries.find(({ tag }) => tag.type === "uint16" && !tag.write);
  assert.ok(measured);
  const { index, tag, device } = measured;

  /** What it says of one value that was called good. */
  function judge(value: number, sourceTime: Instant, now: Instant, excused = false): Oracle["verdicts"] {
    const oracle = new Oracle({
      entries,
      slaves,
      maxAges: maxAges(entries, plant.scan.classes),
      excused: () => excused,
    });
    const sample = { tag: index, value, quality: "good", reason: "ok", sourceTime } as const;
    oracle.published({ kind: "samples", cycle: 1, samples: [sample], renewed: [] }, now);
    return oracle.verdicts;
  }

  const held = (at: number): number => {
    for (let value = 0; value < 65_536; value++) {
      if (slaves.get(device.name)?.showed(tag, value, instant(at), instant(at)) === true) return value;
    }
    return assert.fail("it held nothing");
  };

  it("accepts what was held between source time and latch, and nothing that was held before or after", () => {
    const [before, now, after] = [held(1000), held(2000), held(3000)];
    assert.deepEqual(judge(now, instant(1990), instant(2090)).wrong, []);
    assert.equal(judge(before, instant(1990), instant(2090)).wrong.length, 1);
    assert.equal(judge(after, instant(1990), instant(2090)).wrong.length, 1);
  });

  it("counts apart what a fault that nobody can notice may have done", () => {
    const { wrong, excused } = judge(held(1000), instant(1990), instant(2090), true);
    assert.deepEqual([wrong.length, excused], [0, 1]);
  });

  it("notices a good value that is too old, and a bad one that is shown", () => {
    const oracle = new Oracle({ entries, slaves, maxAges: entries.map(() => ms(100)), excused: () => false });
    const sample = { value: 1, quality: "good", reason: "ok", sourceTime: instant(0) } as const;
    oracle.inspect({ sample: () => sample }, instant(101));
    assert.equal(oracle.verdicts.wrong.length, entries.length);
    const bad = { tag: index, value: 1, quality: "bad", reason: "offline", sourceTime: undefined } as const;
    oracle.published({ kind: "samples", cycle: 1, samples: [bad], renewed: [] }, instant(1));
    assert.match(oracle.verdicts.wrong.at(-1) ?? "", /bad, and shown as 1/);
  });
});
