import { LineFaults } from "../../../simulators/faults/line-faults.ts";
import { clockPacer } from "../../../simulators/serial/pacer.ts";
import { SerialBus } from "../../../simulators/serial/serial-bus.ts";
import { rtuLine } from "../../../src/bus/rtu-line.ts";
import { timerWait } from "../../../src/bus/wait-until.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { seededRandom } from "../../../src/kit/random.ts";
import { type Ms, ms, plus } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { serialLine } from "../scan-plant.ts";
import { HonestSlave } from "./honest-slave.ts";
import { LooseAdapter } from "./loose-adapter.ts";
import { plantOfSeed } from "./plant-of-seed.ts";
import { type PlantReport, PlantRun } from "./plant-run.ts";
import { TraceHash } from "./trace-hash.ts";

/**
 * How what is on the wire is handed over. `whole`: frames when their last character has passed, which is cheap; nobody
 * knows then that somebody else is talking. `pieces`: as a receiver with a small buffer does.
 */
export type HandOver = "whole" | "pieces";

const HAND_OVER: Readonly<Record<HandOver, Ms>> = { whole: ms(1000), pieces: ms(1) };

/** The plant of this seed for so long in virtual time, with everything that can go wrong. */
export async function simulatePlant(seed: number, span: Ms, handOver: HandOver = "whole"): Promise<PlantReport> {
  const clock = new VirtualClock();
  const random = seededRandom(seed ^ 0x5eed);
  const plant = plantOfSeed(seed);
  const hash = new TraceHash();
  const settings = serialLine("cell", 19_200);
  const slaves = new Map(
    [...plant.devices.values()].map((device) => {
      const wrote = (tag: string): void => run.wrote(device.unit, tag);
      return [device.unit, new HonestSlave(device, () => clock.now(), wrote)] as const;
    }),
  );
  const faults = new LineFaults({ medium: "serial", random, now: () => clock.now() });
  const bus = new SerialBus({
    format: settings.format,
    pacer: clockPacer(clock),
    random,
    units: [...slaves].map(([unit, slave]) => ({
      unit,
      respond: (pdu) => slave.respond(pdu),
      turnaround: { least: ms(3), most: ms(12) },
    })),
    faults,
    handOver: HAND_OVER[handOver],
  });
  const end = bus.connect();
  const adapter = new LooseAdapter({
    end,
    leaves: (characters) => plus(clock.now(), ms(characters * bus.wire.times.character)),
    sent: (frame) => {
      hash.number(clock.now());
      hash.bytes(frame);
    },
  });
  const line = rtuLine({
    settings,
    units: slaves.keys(),
    openTransport: adapter.open,
    clock,
    wait: timerWait(clock),
    random,
    logger: silentLogger,
  });
  const run: PlantRun = new PlantRun({ plant, slaves, faults, line, clock, random, hash, mishaps: adapter.mishaps });
  const report = await run.run(span, (share) => clock.advance(share));
  end.close();
  bus.close();
  const left = clock.pending.map((timer) => `the timer "${timer}" is left`);
  return { ...report, broken: [...report.broken, ...left] };
}
