import type { LogFields } from "../../kit/logger.ts";
import { between, type Instant, ms, type Ms, plus } from "../../kit/time.ts";

/** What devices take too long is summed up over so long, and at least so many frames. */
const SPAN = ms(30_000);
const FEWEST_FRAMES = 10;

/** A device is slow when so many of its answers cost others a read, and so much of the line's time: an accident now and then is none. */
const FEWEST_ANSWERS = 3;
const LEAST_SHARE = 0.01;

/** Frames that an answer which is still awaited may account for. */
const MOST_OPEN = 256;

/** Devices named in one event; of more only the number is. */
const MOST_NAMES = 20;

const HINT =
  "it answers, but later than the plan reckons with, and others of its line are read less often for it: state its true turnaround (on Modbus/TCP the line's roundTrip), see what takt plan says, or give it a line of its own";

export interface SlowWatchOptions {
  readonly line: string;
  readonly frame: Ms;
  readonly now: Instant;
  readonly tell: (event: string, fields: LogFields) => void;
}

/** An answer, and how long the plan says that it takes at worst. */
export interface TimedAnswer {
  readonly device: string;
  readonly sentAt: Instant;
  readonly answeredAt: Instant;
  readonly planned: Ms;
}

/** What of a device's answers went beyond the plan. */
interface Excess {
  readonly answers: number;
  readonly sum: Ms;
  readonly dearest: TimedAnswer;
}

/** A frame that ended with reads left over. */
interface Unfinished {
  readonly endedAt: Instant;
  /** The devices of what was left unread. */
  readonly late: readonly string[];
  readonly blamed: Set<string>;
}

/** What a device has cost within the span. */
interface Cost extends Excess {
  readonly since: Instant;
  /** Reads that were late for it, by device. */
  readonly late: ReadonlyMap<string, number>;
}

/**
 * Finds the devices of one line that answer, but later than the plan reckons with, at the expense of what is read beside them. What a
 * frame leaves unread is put down to those that took too long in it; each is told once when it becomes slow and once when it is over.
 */
export class SlowWatch {
  readonly #options: SlowWatchOptions;
  readonly #span: Ms;
  readonly #slow = new Set<string>();
  #since: Instant;
  #costs = new Map<string, Cost>();
  #heard = new Set<string>();
  #unfinished: Unfinished[] = [];
  /** Of the frame under way. */
  #excesses = new Map<string, Excess>();

  constructor(options: SlowWatchOptions) {
    this.#options = options;
    this.#span = ms(Math.max(SPAN, FEWEST_FRAMES * options.frame));
    this.#since = options.now;
  }

  answered(answer: TimedAnswer): void {
    const { device, sentAt, answeredAt, planned } = answer;
    this.#heard.add(device);
    const sum = ms(between(sentAt, answeredAt) - planned);
    if (sum <= 0) return;
    const overdue = plus(sentAt, planned);
    const waited = this.#unfinished.filter(({ endedAt, blamed }) => endedAt >= overdue && !blamed.has(device));
    for (const frame of waited) frame.blamed.add(device);
    const excess = { answers: 1, sum, dearest: answer };
    // What was put down to frames that are over is not counted again in this one.
    const here = waited.length > 0 ? { answers: 0, sum: ms(0), dearest: answer } : excess;
    this.#excesses.set(device, together(this.#excesses.get(device), here));
    if (waited.length > 0) this.#charge(device, excess, waited, answeredAt);
  }

  /** A frame is over; `late`: the devices of what it left unread. Where this machine itself was late it says nothing. */
  frameOver(endedAt: Instant, late: readonly string[] | "disturbed"): void {
    if (late !== "disturbed" && late.length > 0) {
      const frame = { endedAt, late, blamed: new Set(this.#excesses.keys()) };
      this.#unfinished = [...this.#unfinished, frame].slice(-MOST_OPEN);
      for (const [device, excess] of this.#excesses) this.#charge(device, excess, [frame], endedAt);
    }
    if (this.#excesses.size > 0) this.#excesses = new Map();
    if (between(this.#since, endedAt) >= this.#span) this.#startAfresh(endedAt);
  }

  #charge(device: string, excess: Excess, frames: readonly Unfinished[], at: Instant): void {
    const before = this.#costs.get(device);
    const late = new Map(before?.late);
    for (const name of frames.flatMap((frame) => frame.late)) late.set(name, (late.get(name) ?? 0) + 1);
    const since = before?.since ?? excess.dearest.sentAt;
    const cost = { ...together(before, excess), since, late };
    this.#costs.set(device, cost);
    if (this.#slow.has(device) || cost.answers < FEWEST_ANSWERS || cost.sum < LEAST_SHARE * this.#span) return;
    this.#slow.add(device);
    this.#options.tell("device.slow", { line: this.#options.line, device, ...fieldsOf(cost, at), hint: HINT });
  }

  /** It is over for those that were heard in the span and cost next to nothing. */
  #startAfresh(now: Instant): void {
    for (const device of this.#slow) {
      const cost = this.#costs.get(device);
      if (!this.#heard.has(device) || (cost && cost.sum >= (LEAST_SHARE * this.#span) / 2)) continue;
      this.#slow.delete(device);
      this.#options.tell("device.slowOver", { line: this.#options.line, device });
    }
    this.#since = now;
    this.#costs = new Map();
    this.#heard = new Set();
    this.#unfinished = [];
  }
}

function together(one: Excess | undefined, other: Excess): Excess {
  if (!one) return other;
  const dearest = took(one.dearest) < took(other.dearest) ? other.dearest : one.dearest;
  return { answers: one.answers + other.answers, sum: ms(one.sum + other.sum), dearest };
}

function took({ sentAt, answeredAt }: TimedAnswer): Ms {
  return between(sentAt, answeredAt);
}

/** Of its longest answer, and what came of all of them `within` so long; times in milliseconds. */
function fieldsOf({ answers, dearest, sum, since, late }: Cost, at: Instant): LogFields {
  const beyond = { took: tenths(took(dearest)), planned: tenths(dearest.planned), answers, beyond: tenths(sum) };
  return { ...beyond, within: tenths(between(since, at)), late: names(late) };
}

function names(late: Cost["late"]): string {
  const most = [...late].sort(([, one], [, other]) => other - one);
  const rest = most.length - MOST_NAMES;
  const told = most.slice(0, MOST_NAMES).map(([device, count]) => `${device} ${count}`);
  return told.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

function tenths(span: Ms): number {
  return Math.round(span * 10) / 10;
}
