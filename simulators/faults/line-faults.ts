import type { Random } from "../../src/kit/random.ts";
import { type Listenable, Signal } from "../../src/kit/signal.ts";
import { between, type Instant } from "../../src/kit/time.ts";
import { anyFault } from "./any-fault.ts";
import { type FaultKind, type LineFault, MEDIA, type Medium, type TransactionFault } from "./fault.ts";

export interface LineFaultsOptions {
  readonly medium: Medium;
  readonly random: Random;
  readonly now: () => Instant;
}

interface Active {
  readonly fault: LineFault;
  readonly since: Instant;
  left: number;
}

/** What is wrong with one simulated line now. */
export class LineFaults {
  readonly medium: Medium;
  readonly #random: Random;
  readonly #now: () => Instant;
  readonly #changed = new Signal<void>();
  #active: readonly Active[] = [];

  constructor({ medium, random, now }: LineFaultsOptions) {
    this.medium = medium;
    this.#random = random;
    this.#now = now;
  }

  get changed(): Listenable<void> {
    return this.#changed;
  }

  get list(): readonly LineFault[] {
    return this.#active.map(({ fault }) => fault);
  }

  /**
   * Adds a fault to those there are; the function that is returned ends it. Throws a RangeError, for people, where it
   * can never be on such a line.
   */
  add(fault: LineFault): () => void {
    const { kind, rate = 1, times = Number.POSITIVE_INFINITY } = fault;
    if (!MEDIA[kind].includes(this.medium)) throw new RangeError(`${kind} cannot be on a ${this.medium} line`);
    if (!(rate > 0 && rate <= 1)) throw new RangeError(`a rate of ${rate} is outside 0 to 1`);
    if (!(times >= 1)) throw new RangeError(`${times} times is never`);
    const added = { fault, since: this.#now(), left: times };
    this.#set([...this.#active, added]);
    return () => {
      if (this.#active.includes(added)) this.#set(this.#active.filter((active) => active !== added));
    };
  }

  /** Ends what was added; only what fits the kind and unit, where they are named. */
  heal({ kind, unit }: { readonly kind?: FaultKind; readonly unit?: number } = {}): void {
    this.#set(
      this.#active.filter(
        ({ fault }) => (kind !== undefined && fault.kind !== kind) || (unit !== undefined && fault.unit !== unit),
      ),
    );
  }

  /** What goes wrong with the unit's next transaction; each call is one. */
  draw(unit: number): readonly TransactionFault[] {
    const drawn = this.#active.flatMap((active) => this.#drawOne(active, unit));
    if (this.#active.some((active) => active.left <= 0)) this.#set(this.#active.filter(({ left }) => left > 0));
    return drawn;
  }

  #drawOne(active: Active, unit: number): readonly TransactionFault[] {
    const { fault, since } = active;
    if (fault.unit !== undefined && fault.unit !== unit) return [];
    switch (fault.kind) {
      case "echo":
      case "babble":
      case "secondMaster":
        return [];
      case "brownOut": {
        const passed = between(since, this.#now());
        if (passed < fault.off) return [{ kind: "lost" }];
        if (passed < fault.off + fault.boot) return [{ kind: "exception", code: fault.code }];
        active.left = 0;
        return [];
      }
      case "any":
        return this.#hits(active) ? [anyFault(this.medium, this.#random, fault.latest)] : [];
      default:
        return this.#hits(active) ? [fault] : [];
    }
  }

  #hits(active: Active): boolean {
    if (active.fault.rate !== undefined && this.#random() >= active.fault.rate) return false;
    active.left--;
    return true;
  }

  #set(active: readonly Active[]): void {
    this.#active = active;
    this.#changed.emit();
  }
}
