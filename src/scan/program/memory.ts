import { type Ms, ms } from "../../kit/time.ts";

/** What remembers something from cycle to cycle; it is kept or dropped with the cycle it was changed in. */
interface Remembering {
  settle(memory: ProgramMemory, keep: boolean): void;
}

/**
 * What one running program remembers from cycle to cycle, and its time. A cycle is a transaction: what it changed is kept as
 * a whole or not at all.
 */
export class ProgramMemory {
  readonly #touched = new Set<Remembering>();
  #now = ms(0);
  #kept = ms(0);

  /** The program's own time: it stands still in cycles that do not count. */
  get now(): Ms {
    return this.#now;
  }

  /** Runs one cycle, `elapsed` after the one before; blocks called in `act` find this memory. */
  cycle<T>(elapsed: Ms, act: () => T): T {
    this.#now = ms(this.#kept + elapsed);
    return within(this, act);
  }

  /** Ends the cycle: everything it changed counts, or nothing. */
  settle(keep: boolean): void {
    for (const cell of this.#touched) cell.settle(this, keep);
    this.#touched.clear();
    if (keep) this.#kept = this.#now;
  }

  touch(cell: Remembering): void {
    this.#touched.add(cell);
  }
}

/** The memory of the program that runs at this moment. */
let current: ProgramMemory | undefined;

function within<T>(memory: ProgramMemory, act: () => T): T {
  const outer = current;
  current = memory;
  try {
    return act();
  } finally {
    current = outer;
  }
}

/** The state of one function block, apart for every program that runs it. */
export class Cell<S> implements Remembering {
  readonly #name: string;
  readonly #kept = new WeakMap<ProgramMemory, S>();
  readonly #draft = new WeakMap<ProgramMemory, S>();

  /** `name` is for people. Throws inside a running program: a block made there would be a new one in every cycle. */
  constructor(name: string) {
    this.#name = name;
    if (current) throw new Error(`${name}() is made in every cycle anew; make it once, outside the program's function`);
  }

  /** Undefined before its first call in a cycle that counted. */
  get state(): S | undefined {
    const memory = this.#memory;
    return this.#draft.has(memory) ? this.#draft.get(memory) : this.#kept.get(memory);
  }

  /** Moves on by the block's machine; gives the new state. */
  step(next: (before: S | undefined, now: Ms) => S): S {
    const memory = this.#memory;
    const state = next(this.state, memory.now);
    this.#draft.set(memory, state);
    memory.touch(this);
    return state;
  }

  settle(memory: ProgramMemory, keep: boolean): void {
    const draft = this.#draft.get(memory);
    if (keep && draft !== undefined) this.#kept.set(memory, draft);
    this.#draft.delete(memory);
  }

  get #memory(): ProgramMemory {
    if (!current) throw new Error(`${this.#name} belongs into a program's function: it has no time outside a cycle`);
    return current;
  }
}
