import type { Plant } from "../../../src/config/plant/plant.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import { type Random, seededRandom } from "../../../src/kit/random.ts";
import { HonestSlave } from "./honest-slave.ts";
import type { LineSite } from "./line-site.ts";
import { PlantRun } from "./plant-run.ts";
import { TraceHash } from "./trace-hash.ts";
import type { Trouble } from "./trouble.ts";

export interface PlantSiteOptions {
  readonly plant: Plant;
  readonly seed: number;
  readonly clock: Clock;
}

/** The slaves of a plant, each of which knows what it held when, and what is done with them. */
export class PlantSite {
  readonly plant: Plant;
  readonly hash = new TraceHash();
  /** By device. */
  readonly slaves: ReadonlyMap<string, HonestSlave>;
  readonly #seed: number;
  readonly #clock: Clock;
  #run: PlantRun | undefined;

  constructor({ plant, seed, clock }: PlantSiteOptions) {
    const now = clock.now.bind(clock);
    this.plant = plant;
    this.#seed = seed;
    this.#clock = clock;
    this.slaves = new Map(
      [...plant.devices.values()].map((device) => {
        const wrote = (tag: string): void => this.#run?.wrote(device.name, tag);
        return [device.name, new HonestSlave(device, now, wrote)] as const;
      }),
    );
  }

  /** The slaves of one line. */
  slavesOn(line: string): readonly HonestSlave[] {
    return [...this.slaves.values()].filter(({ device }) => device.line === line);
  }

  /** The same purpose gets the same sequence. */
  readonly chance = (purpose: string): Random => {
    let mixed = this.#seed ^ 0x5eed;
    for (let at = 0; at < purpose.length; at++) mixed = Math.imul(mixed ^ purpose.charCodeAt(at), 0x01000193);
    return seededRandom(mixed);
  };

  run(sites: readonly LineSite[], troubles?: ReadonlySet<Trouble>): PlantRun {
    const { plant, slaves, hash, chance } = this;
    this.#run = new PlantRun({ plant, slaves, sites, clock: this.#clock, chance, hash, troubles });
    return this.#run;
  }
}
