import assert from "node:assert/strict";
import { type FaultPlan, playFaults, randomPlan } from "../../simulators/faults/fault-plan.ts";
import type { Line } from "../../src/bus/line/line.ts";
import { rtuLine } from "../../src/bus/rtu/rtu-line.ts";
import { timerWait } from "../../src/bus/rtu/wait-until.ts";
import { silentLogger } from "../../src/kit/logger.ts";
import { type Random, seededRandom } from "../../src/kit/random.ts";
import { ms } from "../../src/kit/time.ts";
import type { Request } from "../../src/modbus/request.ts";
import { FORMAT_19200_8E1, SerialRig } from "../support/serial/serial-rig.ts";
import { wireTransport } from "../support/serial/wire-transport.ts";

/** takt's own line as the master of the rig's two units. */
function masterOf(rig: SerialRig): Line {
  return rtuLine({
    settings: {
      kind: "serial",
      name: "wire",
      adapter: { path: "simulated" },
      driver: "serialport",
      lowLatency: false,
      hostLatency: ms(2),
      format: FORMAT_19200_8E1,
      localEcho: false,
      delayAfterConnect: ms(0),
      broadcastTurnaround: ms(100),
    },
    openTransport: wireTransport(rig.end, rig.clock),
    clock: rig.clock,
    wait: timerWait(rig.clock),
    random: seededRandom(1),
    logger: silentLogger,
  });
}

const TEN_MINUTES = ms(600_000);

const incidents = (random: Random): FaultPlan =>
  randomPlan({ random, span: TEN_MINUTES, units: [1, 2], every: ms(10_000) });

/** Reads registers whose values tell unit and address, while everything goes wrong; what came of it. */
async function live(seed: number, plan: (random: Random) => FaultPlan) {
  const rig = new SerialRig({ seed, turnaround: { least: ms(3), most: ms(20) } });
  for (const unit of [1, 2])
    for (let address = 12; address < 140; address++) rig.register(unit, address, unit * 1000 + address);
  rig.faults.add({ kind: "any", rate: 0.2 });
  const random = seededRandom(seed);
  const stop = playFaults(plan(random), rig.faults, rig.clock);
  const line = masterOf(rig);
  line.open();
  const seen = { right: 0, refused: 0, failed: 0, asked: 0 };
  const busy = async (): Promise<void> => {
    while (rig.clock.now() < TEN_MINUTES) {
      const unit = 1 + Math.floor(random() * 2);
      const quantity = 1 + Math.floor(random() * 40);
      const request: Request = { fc: 3, address: 12 + Math.floor(random() * (128 - quantity)), quantity };
      seen.asked++;
      const result = await line.send({ unit, request, responseTimeout: ms(150), lane: "read" });
      if (!result.ok) {
        if (result.failure.failure.kind === "exception") seen.refused++;
        else seen.failed++;
        // A line that is down, or a quarantine, refuses at once: time has to pass.
        await new Promise<void>((resolve) => rig.clock.after("pause", ms(20), () => resolve()));
        continue;
      }
      const { answer } = result.value;
      assert.ok(answer.kind === "registers");
      const expected = Array.from({ length: quantity }, (_, index) => unit * 1000 + request.address + index);
      assert.deepEqual(answer.registers, expected, `seed ${seed} at ${rig.clock.now()} ms`);
      seen.right++;
    }
  };
  const work = busy();
  await rig.clock.advance(ms(TEN_MINUTES + 10_000));
  await work;
  stop();
  await line.close();
  rig.close();
  const early = rig.end.takeViolations();
  return { ...seen, ...rig.end.counts, early, left: rig.clock.pending };
}

describe("takt's line on the simulated wire", () => {
  for (const seed of [1, 2, 3]) {
    it(`never takes a wrong value in ten minutes of every fault and incident: seed ${seed}`, async () => {
      const outcome = await live(seed, incidents);
      assert.ok(outcome.right > 2000 && outcome.refused > 20 && outcome.failed > 100, JSON.stringify(outcome));
      assert.deepEqual(outcome.left, []);
    });
  }

  it("keeps t3.5 before every request where nobody else talks unasked", async () => {
    const outcome = await live(4, () => []);
    assert.ok(outcome.requests > 4000, JSON.stringify(outcome));
    // A character of a late answer that is in the air cannot be known yet.
    const inTheAir = (2 * 11) / 19.2;
    for (const { silence } of outcome.early) assert.ok(silence < 0 && silence > -inTheAir, `${silence} ms of silence`);
    assert.ok(outcome.early.length < 5, `${outcome.early.length} of ${outcome.requests}`);
  });
});
