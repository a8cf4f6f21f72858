import assert from "node:assert/strict";
import { LineFaults } from "../../simulators/faults/line-faults.ts";
import { clockPacer } from "../../simulators/serial/pacer.ts";
import { SerialBus } from "../../simulators/serial/serial-bus.ts";
import { rtuLine } from "../../src/bus/rtu-line.ts";
import { timerWait } from "../../src/bus/wait-until.ts";
import type { Plant } from "../../src/config/plant.ts";
import { silentLogger } from "../../src/kit/logger.ts";
import { seededRandom } from "../../src/kit/random.ts";
import { ms } from "../../src/kit/time.ts";
import { VirtualClock } from "../../src/kit/virtual-clock.ts";
import { permitAll } from "../../src/scan/permit.ts";
import { HonestSlave } from "../support/plant-run/honest-slave.ts";
import { plantLike, serialLine } from "../support/scan-plant.ts";
import { scanSide } from "../support/scan-side.ts";
import { wireTransport } from "../support/wire-transport.ts";

const UNITS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const LIVING = UNITS.slice(0, 9);
const DEAD = 10;
const TIMEOUT = ms(150);
const MINUTE = ms(60_000);

/** Ten slaves at 19,200 baud, each asked for four registers once a second, at a quarter of what the wire carries. */
function plant(): Plant {
  const tags = { a: { address: 0, scanClass: "slow" }, b: { address: 3, scanClass: "slow" } };
  const device = (unit: number) => ({ unit, timing: { turnaround: ms(8), responseTimeout: TIMEOUT }, tags });
  const built = plantLike(Object.fromEntries(UNITS.map((unit) => [`d${unit}`, device(unit)])));
  return { ...built, lines: new Map([["cell", serialLine("cell", 19_200)]]) };
}

interface Heard {
  /** When each refreshment of a living unit was asked for, by unit. */
  readonly refreshed: ReadonlyMap<number, readonly number[]>;
  /** When the dead one was asked. */
  readonly probes: readonly number[];
  readonly status: string | undefined;
}

/** What reaches the slaves in a minute, after one in which a dead slave was given up. */
async function minute(dead: boolean): Promise<Heard> {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const asked = new Map<number, number[]>(UNITS.map((unit) => [unit, []]));
  const given = plant();
  const faults = new LineFaults({ medium: "serial", random, now: () => clock.now() });
  const units = [...given.devices.values()].map((device) => {
    const slave = new HonestSlave(device, () => clock.now());
    return {
      unit: device.unit,
      respond: (pdu: Buffer) => slave.respond(pdu),
      turnaround: { least: ms(4), most: ms(8) },
    };
  });
  const bus = new SerialBus({
    format: serialLine("cell", 19_200).format,
    pacer: clockPacer(clock),
    random,
    units,
    faults,
    // Frames come whole to the ear.
    handOver: ms(1000),
  });
  const end = bus.connect();
  const ear = bus.connect();
  ear.received.on(({ bytes, from }) => {
    if (from === end) asked.get(bytes[0] ?? 0)?.push(clock.now());
  });
  if (dead) faults.add({ kind: "lost", unit: DEAD });
  const line = rtuLine({
    settings: serialLine("cell", 19_200),
    openTransport: wireTransport(end, clock),
    clock,
    wait: timerWait(clock),
    random,
    logger: silentLogger,
  });
  const sink = { blocks: () => undefined, samples: () => undefined, device: () => undefined, event: () => undefined };
  const common = { plant: given, clock, permit: permitAll, logger: silentLogger, sink };
  const side = scanSide({
    ...common,
    lines: new Map([["cell", line]]),
    answered: () => undefined,
    cycled: () => undefined,
  });
  line.open();
  side.pacemaker.start();
  await clock.advance(ms(2 * MINUTE));
  const status = side.engine.status(`d${DEAD}`)?.status;
  side.pacemaker.stop();
  await line.close();
  await side.engine.close();
  end.close();
  ear.close();
  bus.close();
  const late = (times: readonly number[] = []): readonly number[] => times.filter((at) => at >= MINUTE);
  const refreshed = new Map(LIVING.map((unit) => [unit, late(asked.get(unit))]));
  return { refreshed, probes: late(asked.get(DEAD)), status };
}

function intervals(times: readonly number[]): readonly (readonly [from: number, to: number])[] {
  return times.slice(1).map((to, index) => [times[index] ?? 0, to]);
}

describe("one dead slave among ten on a paced wire", () => {
  it("costs the other nine nothing but its probes", async () => {
    const [whole, hurt] = [await minute(false), await minute(true)];
    assert.deepEqual([whole.status, hurt.status], ["online", "offline"]);
    assert.ok(hurt.probes.length >= 1 && hurt.probes.length <= 5, `${hurt.probes.length} probes in a minute`);
    // The wire is silent for the timeout, the answer's own time and what is waited after it; then it catches up.
    const probe = TIMEOUT + 30;
    for (const unit of LIVING) {
      const [before, after] = [intervals(whole.refreshed.get(unit) ?? []), intervals(hurt.refreshed.get(unit) ?? [])];
      const usual = Math.max(...before.map(([from, to]) => to - from));
      assert.ok(usual <= 1060, `unit ${unit}: ${usual} ms without the dead one`);
      assert.ok(Math.abs(after.length - before.length) <= 1, `unit ${unit}: ${after.length} of ${before.length} reads`);
      for (const [from, to] of after) {
        if (to - from <= usual + 1) continue;
        assert.ok(to - from <= usual + probe, `unit ${unit}: ${to - from} ms`);
        assert.ok(
          hurt.probes.some((at) => at > from && at < to),
          `unit ${unit} waited ${to - from} ms at ${to} without a probe`,
        );
      }
    }
  });
});
