import { between, type Instant, ms } from "../kit/time.ts";
import type { LineCounters } from "./line-counters.ts";
import type { Quarantine } from "./quarantine.ts";
import { type Bystander, type Bystanders, bystandersIn } from "./rtu-bystanders.ts";
import type { TraceSink } from "./trace-sink.ts";

export interface RtuListenerOptions {
  readonly line: string;
  readonly counters: LineCounters;
  readonly quarantine: Quarantine;
  readonly trace: TraceSink | undefined;
}

/** So many questions that we did not ask, within this time, are no accident. */
const MOST_QUESTIONS = 3;
const QUESTIONS_SPAN = ms(10_000);

/** Hears what goes over the line: counts and traces it, and notices whether somebody else asks there too. */
export class RtuListener {
  readonly #options: RtuListenerOptions;
  #questions: Instant[] = [];
  #lastSent: Buffer = Buffer.alloc(0);

  constructor(options: RtuListenerOptions) {
    this.#options = options;
  }

  /** Another master talks on this line. */
  get strangerHeard(): boolean {
    return this.#questions.length >= MOST_QUESTIONS;
  }

  sent(frame: Buffer, at: Instant): void {
    this.#lastSent = frame;
    this.#trace("sent", frame, at, undefined);
  }

  received(frame: Buffer, at: Instant, verdict: string): void {
    this.#trace("received", frame, at, verdict);
  }

  /** Sorts out bytes that answered nothing. */
  bystanders(bytes: Buffer, at: Instant): Bystanders {
    const found = bystandersIn(bytes);
    for (const frame of found.frames) this.#bystander(frame, at);
    if (found.noise > 0) this.#trace("received", bytes, at, found.frames.length > 0 ? "with noise" : "noise");
    return found;
  }

  #bystander(bystander: Bystander, at: Instant): void {
    const verdict = this.#verdict(bystander, at);
    this.#trace("received", bystander.frame, at, verdict);
    if (verdict === "question of another master") {
      this.#questions = [...this.#questions.filter((asked) => between(asked, at) < QUESTIONS_SPAN), at];
    } else if (verdict !== "echo") {
      this.#options.counters.stray();
    }
  }

  #verdict({ unit, kind, frame }: Bystander, at: Instant): string {
    if (frame.equals(this.#lastSent)) return "echo";
    if (kind === "question") return "question of another master";
    return this.#options.quarantine.admits(unit, at) ? "not awaited" : "late";
  }

  #trace(direction: "sent" | "received", bytes: Buffer, at: Instant, verdict: string | undefined): void {
    this.#options.trace?.({ line: this.#options.line, direction, at, bytes: Buffer.from(bytes), verdict });
  }
}
