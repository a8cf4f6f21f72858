import { rtuLine } from "../../../src/bus/rtu-line.ts";
import { timerWait } from "../../../src/bus/wait-until.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { type Ms, ms, plus } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { LooseAdapter } from "./loose-adapter.ts";
import { WIRE } from "./plant-of-seed.ts";
import type { PlantReport } from "./plant-run.ts";
import { PlantSite } from "./plant-site.ts";

/**
 * How what is on the wire is handed over. `whole`: frames when their last character has passed, which is cheap; nobody
 * knows then that somebody else is talking. `pieces`: as a receiver with a small buffer does.
 */
export type HandOver = "whole" | "pieces";

const HAND_OVER: Readonly<Record<HandOver, Ms>> = { whole: ms(1000), pieces: ms(1) };

/** The plant of this seed for so long in virtual time, with everything that can go wrong. */
export async function simulatePlant(seed: number, span: Ms, handOver: HandOver = "whole"): Promise<PlantReport> {
  const clock = new VirtualClock();
  const site = new PlantSite({ seed, clock, handOver: HAND_OVER[handOver] });
  const { bus, hash } = site;
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
    settings: WIRE,
    units: site.slaves.keys(),
    openTransport: adapter.open,
    clock,
    wait: timerWait(clock),
    random: site.random,
    logger: silentLogger,
  });
  const report = await site.run(line, adapter.mishaps).run(span, (share) => clock.advance(share));
  end.close();
  bus.close();
  const left = clock.pending.map((timer) => `the timer "${timer}" is left`);
  return { ...report, broken: [...report.broken, ...left] };
}
