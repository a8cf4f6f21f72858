import type { Random } from "../../src/kit/random.ts";
import type { TagMemory } from "../memory/tag-memory.ts";
import type { Model } from "./model.ts";

/** Seconds between two results, as of a real meter. */
const MEASURING_SECONDS = 0.2;

const MAINS_VOLTS = 230;
const MAINS_HERTZ = 50;

const JOULES_PER_KWH = 3_600_000;

/** How the load stands on the three phases. */
const SHARES = [0.36, 0.33, 0.31] as const;

export interface EnergyMeterOptions {
  readonly memory: TagMemory;
  readonly random: Random;
  /** Watts that flow now. */
  readonly load: () => number;
}

/** A three-phase meter: power and currents follow what is behind it, energy counts. */
export class EnergyMeter implements Model {
  readonly #memory: TagMemory;
  readonly #random: Random;
  readonly #load: () => number;
  #kilowattHours: number;
  #untilResult = 0;

  constructor({ memory, random, load }: EnergyMeterOptions) {
    this.#memory = memory;
    this.#random = random;
    this.#load = load;
    this.#kilowattHours = 100 + random() * 100;
    this.#show();
  }

  step(seconds: number): void {
    this.#kilowattHours += (this.#load() * seconds) / JOULES_PER_KWH;
    this.#untilResult -= seconds;
    if (this.#untilResult > 0) return;
    this.#untilResult += MEASURING_SECONDS;
    this.#show();
  }

  #show(): void {
    const load = this.#load();
    // A small load has the worse power factor.
    const powerFactor = 0.95 - 0.25 * Math.exp(-load / 800);
    SHARES.forEach((share, index) => {
      const volts = MAINS_VOLTS + this.#about(1.5);
      this.#memory.set(`voltageL${index + 1}`, volts);
      this.#memory.set(`powerL${index + 1}`, load * share);
      this.#memory.set(`currentL${index + 1}`, (load * share) / (volts * powerFactor));
    });
    this.#memory.set("totalPower", load);
    this.#memory.set("powerFactor", powerFactor);
    this.#memory.set("frequency", MAINS_HERTZ + this.#about(0.02));
    this.#memory.set("importEnergy", this.#kilowattHours);
    this.#memory.set("exportEnergy", 0);
  }

  #about(most: number): number {
    return (this.#random() * 2 - 1) * most;
  }
}
