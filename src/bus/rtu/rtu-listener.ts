import { between, type Instant, ms } from "../../kit/time.ts";
import { EchoWatch } from "./echo-watch.ts";
import type { Overheard } from "../line/line.ts";
import type { LineCounters } from "../line/line-counters.ts";
import type { Quarantine } from "./quarantine.ts";
import { type Bystander, type Bystanders, bystandersIn, isRead } from "./rtu-bystanders.ts";
import type { TraceSink } from "../line/trace-sink.ts";

export interface RtuListenerOptions {
  readonly line: string;
  /** It is known that the adapter hears what it sends. */
  readonly localEcho: boolean;
  readonly counters: LineCounters;
  readonly quarantine: Quarantine;
  readonly trace: TraceSink | undefined;
  readonly overheard: (what: Overheard) => void;
}

/** So many questions that we did not ask, within this time, are no accident. */
const MOST_QUESTIONS = 3;
const QUESTIONS_SPAN = ms(10_000);

/** A second answer to the same question comes within this time, if it comes. */
const SECOND_ANSWER = ms(1000);

/** Hears what goes over the line: counts and traces it, and notices whether somebody else asks there too. */
export class RtuListener {
  readonly #options: RtuListenerOptions;
  #questions: Instant[] = [];
  #lastSent: Buffer = Buffer.alloc(0);
  #answered: { readonly unit: number; readonly code: number; readonly at: Instant } | undefined;
  readonly #echo = new EchoWatch();

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
    if (verdict === "accepted") this.#answered = { unit: frame[0] ?? 0, code: functionOf(frame), at };
  }

  /** Whether the last request came back before its answer. Of a write nobody can tell: its answer looks the same. */
  echoed(code: number, echoed: boolean): void {
    if (this.#options.localEcho || !isRead(code & 0x7f)) return;
    if (this.#echo.heard(echoed)) this.#options.overheard({ kind: "echo", present: echoed });
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
      this.#options.overheard({ kind: "foreignQuestion", unit: bystander.unit });
      this.#questions = [...this.#questions.filter((asked) => between(asked, at) < QUESTIONS_SPAN), at];
    } else if (verdict !== "echo") {
      this.#options.counters.stray();
      if (verdict === "not awaited" && this.#isSecondAnswer(bystander, at))
        this.#options.overheard({ kind: "secondAnswer", unit: bystander.unit });
    }
  }

  #isSecondAnswer({ unit, frame }: Bystander, at: Instant): boolean {
    const first = this.#answered;
    if (first?.unit !== unit || first.code !== functionOf(frame)) return false;
    return between(first.at, at) <= SECOND_ANSWER;
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

/** The function that an answer, or an exception, answers. */
function functionOf(frame: Buffer): number {
  return (frame[1] ?? 0) & 0x7f;
}
