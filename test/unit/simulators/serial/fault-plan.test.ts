import assert from "node:assert/strict";
import { playFaults, randomPlan } from "../../../../simulators/faults/fault-plan.ts";
import { seededRandom } from "../../../../src/kit/random.ts";
import { ms } from "../../../../src/kit/time.ts";
import { SerialRig } from "../../../support/serial/serial-rig.ts";

describe("a plan of faults", () => {
  let rig: SerialRig;
  beforeEach(() => {
    rig = new SerialRig();
  });
  afterEach(() => {
    rig.close();
    assert.deepEqual(rig.clock.pending, []);
  });

  const kinds = () => rig.faults.list.map(({ kind, unit }) => (unit === undefined ? kind : `${kind} ${unit}`));

  it("brings each fault at its time and takes it away after its time, others of its kind left alone", async () => {
    rig.faults.add({ kind: "lost", unit: 1 });
    const stop = playFaults(
      [
        { kind: "lost", unit: 2, at: ms(100), lasting: ms(200) },
        { kind: "late", by: ms(50), at: ms(250) },
      ],
      rig.faults,
      rig.clock,
    );
    const seen: string[] = [];
    for (let at = 50; at <= 350; at += 100) {
      await rig.clock.advance(ms(at - rig.clock.now()));
      seen.push(kinds().join(", "));
    }
    assert.deepEqual(seen, ["lost 1", "lost 1, lost 2", "lost 1, lost 2, late", "lost 1, late"].slice(0, 4));
    stop();
    assert.deepEqual(kinds(), ["lost 1"]);
  });

  it("ends in the middle, with all it brought and would have brought", async () => {
    const stop = playFaults(
      [
        { kind: "babble", every: ms(10), at: ms(0), lasting: ms(1000) },
        { kind: "lost", at: ms(500) },
      ],
      rig.faults,
      rig.clock,
    );
    await rig.pass(100);
    stop();
    assert.deepEqual(kinds(), []);
    await rig.pass(1000);
    assert.deepEqual(kinds(), []);
  });

  it("is the same for the same seed, and fills its span", () => {
    const plan = (seed: number) =>
      randomPlan({ random: seededRandom(seed), span: ms(600_000), units: [1, 2], every: ms(5000) });
    assert.deepEqual(plan(7), plan(7));
    assert.notDeepEqual(plan(7), plan(8));
    const times = plan(7).map(({ at }) => at);
    assert.ok(times.length > 80 && times.length < 160 && Math.max(...times) > 590_000 - 7500);
    assert.ok(new Set(plan(7).map(({ kind }) => kind)).size >= 6);
  });
});
