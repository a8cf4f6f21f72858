import type { Timer } from "../../src/kit/clock.ts";
import type { Random } from "../../src/kit/random.ts";
import { type Ms, ms, plus } from "../../src/kit/time.ts";
import type { LineFault } from "../faults/fault.ts";
import type { LineFaults } from "../faults/line-faults.ts";
import { rtuFrame } from "./check-sum.ts";
import { randomBytes } from "./spoil-frame.ts";
import type { Wire } from "./wire.ts";

export interface DisturbancesOptions {
  readonly wire: Wire;
  readonly faults: LineFaults;
  readonly random: Random;
  readonly units: readonly number[];
}

/** Those who talk without being asked: babbling slaves, and another master. */
export class Disturbances {
  readonly #options: DisturbancesOptions;
  readonly #talking = new Map<LineFault, { timer: Timer }>();
  readonly #unsubscribe: () => void;

  constructor(options: DisturbancesOptions) {
    this.#options = options;
    this.#unsubscribe = options.faults.changed.on(() => this.#follow());
    this.#follow();
  }

  close(): void {
    this.#unsubscribe();
    for (const talk of this.#talking.values()) talk.timer.cancel();
    this.#talking.clear();
  }

  #follow(): void {
    const { list } = this.#options.faults;
    for (const [fault, talk] of this.#talking) {
      if (list.includes(fault)) continue;
      talk.timer.cancel();
      this.#talking.delete(fault);
    }
    for (const fault of list) {
      if (fault.kind !== "babble" && fault.kind !== "secondMaster") continue;
      if (!this.#talking.has(fault)) this.#talk(fault, fault.every);
    }
  }

  /** Half to one and a half times `every` apart. */
  #talk(fault: LineFault & { readonly kind: "babble" | "secondMaster" }, every: Ms): void {
    const { wire, random } = this.#options;
    const talker = {};
    const next = (): Timer => {
      const due = plus(wire.pacer.now(), ms(every * (0.5 + random())));
      return wire.pacer.at(fault.kind, due, () => {
        wire.send(
          talker,
          fault.kind === "babble" ? randomBytes(4 + Math.floor(random() * 29), random) : this.#question(fault.asks),
          due,
        );
        talk.timer = next();
      });
    };
    const talk = { timer: next() };
    this.#talking.set(fault, talk);
  }

  /** What another master asks one of the units. */
  #question(asks: "registers" | "identity" = "registers"): Buffer {
    const { units, random } = this.#options;
    const unit = units[Math.floor(random() * units.length)] ?? 1;
    if (asks === "identity") return rtuFrame(unit, Buffer.of(17));
    return rtuFrame(unit, Buffer.of(3, 0, 0, 0, 1 + Math.floor(random() * 10)));
  }
}
