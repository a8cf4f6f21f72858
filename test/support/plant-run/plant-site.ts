import { LineFaults } from "../../../simulators/faults/line-faults.ts";
import { clockPacer, type Pacer } from "../../../simulators/serial/pacer.ts";
import { SerialBus } from "../../../simulators/serial/serial-bus.ts";
import type { Line } from "../../../src/bus/line.ts";
import type { Plant } from "../../../src/config/plant.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import { type Random, seededRandom } from "../../../src/kit/random.ts";
import { type Ms, ms } from "../../../src/kit/time.ts";
import { HonestSlave } from "./honest-slave.ts";
import type { Mishap } from "./mishaps.ts";
import { plantOfSeed, WIRE } from "./plant-of-seed.ts";
import { PlantRun } from "./plant-run.ts";
import { TraceHash } from "./trace-hash.ts";

export interface PlantSiteOptions {
  readonly seed: number;
  readonly clock: Clock;
  readonly pacer?: Pacer;
  readonly handOver?: Ms;
}

/** The slaves of a seeded plant on their wire, and what goes wrong there. */
export class PlantSite {
  readonly plant: Plant;
  readonly random: Random;
  readonly hash = new TraceHash();
  readonly slaves: ReadonlyMap<number, HonestSlave>;
  readonly faults: LineFaults;
  readonly bus: SerialBus;
  readonly #clock: Clock;
  #run: PlantRun | undefined;

  constructor({ seed, clock, pacer = clockPacer(clock), handOver }: PlantSiteOptions) {
    const now = clock.now.bind(clock);
    this.#clock = clock;
    this.plant = plantOfSeed(seed);
    this.random = seededRandom(seed ^ 0x5eed);
    this.faults = new LineFaults({ medium: "serial", random: this.random, now });
    this.slaves = new Map(
      [...this.plant.devices.values()].map((device) => {
        const wrote = (tag: string): void => this.#run?.wrote(device.unit, tag);
        return [device.unit, new HonestSlave(device, now, wrote)] as const;
      }),
    );
    this.bus = new SerialBus({
      format: WIRE.format,
      pacer,
      random: this.random,
      units: [...this.slaves].map(([unit, slave]) => ({
        unit,
        respond: (pdu) => slave.respond(pdu),
        turnaround: { least: ms(3), most: ms(12) },
      })),
      faults: this.faults,
      handOver,
    });
  }

  /** The master's side of it; the line is one to this wire. */
  run(line: Line, mishaps: readonly Mishap[]): PlantRun {
    const { plant, slaves, faults, random, hash } = this;
    this.#run = new PlantRun({ plant, slaves, faults, line, clock: this.#clock, random, hash, mishaps });
    return this.#run;
  }
}
