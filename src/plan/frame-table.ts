import { gcd, lcm } from "../kit/whole.ts";

/** A block as far as its place in the table depends on it. */
export interface Job {
  readonly unit: number;
  /** Transactions its unit takes at the same time. */
  readonly window: number;
  /** Its worst-case cost. */
  readonly cost: number;
  /** In scan cycles. */
  readonly period: number;
}

/** When a block is read: in the frames n with n mod `every` in `frames`. */
export interface Turns {
  readonly every: number;
  readonly frames: readonly number[];
}

export interface FrameTable {
  /** Frames after which the loads repeat, or are at most what they were. */
  readonly horizon: number;
  /** Of each job. */
  readonly turns: readonly Turns[];
}

/** Frames whose loads are kept. What comes less often is charged as if it came this often. */
const MOST_FRAMES = 4096;

/** Attempts at emptying the fullest frame. */
const MOST_MOVES = 200;

/**
 * Lays jobs into frames of `length` scan cycles such that the fullest frame stays as empty as a heuristic can make it: the
 * most frequent and then the dearest first, each into the frames that are least loaded; then blocks are moved out of the
 * fullest frame as long as that helps. The same jobs give the same table.
 */
export function layFrames(jobs: readonly Job[], length: number, window: number): FrameTable {
  const table = new Loads(jobs, length, window);
  const order = jobs.map((_, index) => index);
  order.sort((a, b) => periodOf(jobs, a) - periodOf(jobs, b) || costOf(jobs, b) - costOf(jobs, a) || a - b);
  for (const index of order) table.place(index);
  for (let move = 0; move < MOST_MOVES && table.relieve(); move++);
  return { horizon: table.horizon, turns: table.turns };
}

/** The frames below the horizon that turns are charged to. */
export function chargedFrames({ every, frames }: Turns, horizon: number): readonly number[] {
  const step = gcd(every, horizon);
  const charged: number[] = [];
  for (const offset of new Set(frames.map((frame) => frame % step))) {
    for (let frame = offset; frame < horizon; frame += step) charged.push(frame);
  }
  return charged;
}

function periodOf(jobs: readonly Job[], index: number): number {
  return jobs[index]?.period ?? 0;
}

function costOf(jobs: readonly Job[], index: number): number {
  return jobs[index]?.cost ?? 0;
}

/** The frames of a table while it is filled. */
class Loads {
  readonly horizon: number;
  readonly turns: Turns[] = [];
  readonly #jobs: readonly Job[];
  readonly #length: number;
  readonly #window: number;
  readonly #total: Float64Array;
  readonly #units = new Map<number, Float64Array>();

  constructor(jobs: readonly Job[], length: number, window: number) {
    this.#jobs = jobs;
    this.#length = length;
    this.#window = window;
    this.horizon = horizonOf(jobs.map(({ period }) => lcm(period, length) / length));
    this.#total = new Float64Array(this.horizon);
  }

  place(index: number): void {
    const job = this.#jobs[index];
    if (!job) return;
    const turns = job.period % this.#length === 0 ? this.#regular(job) : this.#irregular(job);
    this.turns[index] = turns;
    this.#charge(job, turns, 1);
  }

  /** Moves one job out of the fullest frame where that empties it; false when none helps. */
  relieve(): boolean {
    const fullest = this.#total.indexOf(Math.max(...this.#total));
    const most = this.#total[fullest] ?? 0;
    return this.#jobs.some((job, index) => this.#in(index, fullest) && this.#move(job, index, most));
  }

  #in(index: number, frame: number): boolean {
    const turns = this.turns[index];
    if (!turns) return false;
    const step = gcd(turns.every, this.horizon);
    return step > 1 && turns.frames.some((turn) => turn % step === frame % step);
  }

  #move(job: Job, index: number, most: number): boolean {
    const before = this.turns[index];
    if (!before || job.period % this.#length !== 0) return false;
    this.#charge(job, before, -1);
    const after = this.#regular(job);
    const helps = chargedFrames(after, this.horizon).every(
      (frame) => (this.#total[frame] ?? 0) + job.cost < most - 1e-9,
    );
    this.turns[index] = helps ? after : before;
    this.#charge(job, helps ? after : before, 1);
    return helps;
  }

  /** A period of whole frames: the same frame of each. */
  #regular(job: Job): Turns {
    const every = job.period / this.#length;
    const step = gcd(every, this.horizon);
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let phase = 0; phase < step && least > 0; phase++) {
      let fullest = 0;
      for (let frame = phase; frame < this.horizon && fullest < least; frame += step) {
        fullest = Math.max(fullest, this.#level(frame, job));
      }
      if (fullest < least) [best, least] = [phase, fullest];
    }
    return { every, frames: [best] };
  }

  /** Between each release and its deadline the frame that is least loaded. */
  #irregular(job: Job): Turns {
    const { period } = job;
    const length = this.#length;
    const every = lcm(period, length) / length;
    const frames: number[] = [];
    for (let release = 0; release < every * length; release += period) {
      const first = Math.ceil(release / length);
      const last = Math.floor((release + period) / length) - 1;
      let best = first;
      for (let frame = first + 1; frame <= last; frame++) {
        if (this.#level(frame, job) < this.#level(best, job)) best = frame;
      }
      frames.push(best % every);
    }
    return { every, frames };
  }

  /** How full the frame is for a job: its line, and where its unit takes less at once than the line, its unit. */
  #level(frame: number, { unit, window }: Job): number {
    const at = frame % this.horizon;
    const alone = 1 / Math.min(window, this.#window) - 1 / this.#window;
    const own = alone > 0 ? (this.#units.get(unit)?.[at] ?? 0) : 0;
    return (this.#total[at] ?? 0) / this.#window + own * alone;
  }

  #charge(job: Job, turns: Turns, sign: 1 | -1): void {
    const own = this.#window > 1 ? this.#unit(job.unit) : undefined;
    for (const frame of chargedFrames(turns, this.horizon)) {
      this.#total[frame] = (this.#total[frame] ?? 0) + sign * job.cost;
      if (own) own[frame] = (own[frame] ?? 0) + sign * job.cost;
    }
  }

  #unit(unit: number): Float64Array {
    const known = this.#units.get(unit);
    if (known) return known;
    const own = new Float64Array(this.horizon);
    this.#units.set(unit, own);
    return own;
  }
}

/**
 * The least common multiple of the intervals, in frames; where that is beyond {@link MOST_FRAMES}, of the largest divisors
 * that stay below it. A block whose interval does not divide it is charged to every frame it could meet, which is safe.
 */
function horizonOf(intervals: readonly number[]): number {
  const ascending = [...new Set(intervals)].sort((a, b) => a - b);
  return ascending.reduce((horizon, interval) => {
    for (let share = 1; share < interval; share++) {
      if (interval % share === 0 && lcm(horizon, interval / share) <= MOST_FRAMES)
        return lcm(horizon, interval / share);
    }
    return horizon;
  }, 1);
}
