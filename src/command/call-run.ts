import { STEP_SEND_BY } from "../device/command-time.ts";
import { sentNothing, succeeded, type WriteResult } from "../device/outcome.ts";
import type { TagEntry } from "../device/tag-table.ts";
import { type Instant, plus } from "../kit/time.ts";
import { conditionFault, type ConditionFault } from "../scan/image/condition-fault.ts";
import type { Asking, Outputs } from "../scan/outputs/outputs.ts";
import type { InputImage } from "../scan/image/process-image.ts";
import type { BoundCall, BoundStep } from "./bind-call.ts";
import type { CallCommand } from "./command.ts";
import { type CommandRun, newRun, nextCommandRun, type RunEvent } from "./command-run.ts";
import type { Run, RunResult } from "./run.ts";
import { WriteSequence } from "./write-sequence.ts";

export interface CallSurroundings {
  readonly outputs: Outputs;
  readonly image: InputImage;
  /** Of the device. */
  readonly entries: ReadonlyMap<string, TagEntry>;
  readonly asking: Asking;
}

/** One call of a command: feeds its machine with what its writes and the image say. */
export class CallRun implements Run {
  readonly command: CallCommand;
  readonly #call: BoundCall;
  readonly #surroundings: CallSurroundings;
  readonly #results = new Map<string, WriteResult>();
  #run: CommandRun;
  /** Of the present action. */
  #writes: WriteSequence | undefined;

  constructor(command: CallCommand, call: BoundCall, now: Instant, surroundings: CallSurroundings) {
    this.command = command;
    this.#call = call;
    this.#surroundings = surroundings;
    this.#run = newRun(now, call.rules);
  }

  get preempts(): boolean {
    return this.#call.command.preempts;
  }

  get result(): RunResult | undefined {
    if (this.#run.state !== "done") return undefined;
    const { outcome, reason } = this.#run;
    return { outcome, reason, results: this.#results };
  }

  /** Goes on until something has to be waited for. */
  step(now: Instant): void {
    this.#feed({ kind: "tick", at: now });
    for (let before; this.#run.state === "running" && before !== this.#run;) {
      before = this.#run;
      this.#act(now);
    }
  }

  cancel(reason: string, takenOver: boolean, now: Instant): void {
    this.#feed({ kind: "ended", at: now, reason, takenOver });
  }

  end(reason: string): void {
    if (this.#run.state === "done") return;
    const { reached, verdict } = this.#run;
    this.#writes?.end(reason);
    const begun = this.#writes?.begun ?? [];
    this.#collect();
    const sent = reached || begun.some(({ outcome }) => !sentNothing(outcome));
    const outcome = sent ? "unknown" : "rejected";
    this.#run = { state: "done", outcome, reason: verdict ? `${verdict.reason ?? ""}; ${reason}` : reason };
  }

  #act(now: Instant): void {
    const step = this.#present();
    if (step?.kind === "write") this.#write(step, now);
    else if (step?.kind === "expect") this.#feed({ kind: "looked", at: now, fault: this.#look(step) });
  }

  #present(): BoundStep | undefined {
    return this.#run.state === "running" ? this.#call[this.#run.phase][this.#run.at] : undefined;
  }

  #write({ parts }: BoundStep & { kind: "write" }, now: Instant): void {
    const { outputs, asking } = this.#surroundings;
    this.#writes ??= new WriteSequence(parts, outputs, asking);
    const writes = this.#writes;
    writes.step((before) => this.#sendBy(before, now));
    if (!writes.done) return;
    const results = writes.results.map(([, result]) => result);
    const bad = writes.begun.find(({ outcome }) => !succeeded(outcome));
    const outcome =
      bad?.outcome ?? (results.some((each) => each.outcome === "acknowledged") ? "acknowledged" : "verified");
    const failed = bad && writes.results.find(([, result]) => result === bad)?.[0];
    const reason = failed === undefined ? undefined : `${failed}: ${bad?.reason ?? outcome}`;
    const reached = results.some((each) => !sentNothing(each.outcome));
    this.#collect();
    // Withdrawn between two parts: nothing failed, but not all was written.
    const whole = bad !== undefined || results.every((each) => !sentNothing(each.outcome));
    this.#feed({
      kind: "written",
      at: now,
      outcome: whole ? outcome : "rejected",
      reason: reason ?? writes.fault,
      reached,
    });
  }

  /** Only the first write may wait as long as the caller allows. */
  #sendBy(before: number, now: Instant): Instant {
    const first = before === 0 && this.#run.state === "running" && !this.#run.reached && this.#run.phase === "steps";
    return first ? plus(this.command.receivedAt, this.command.ttl) : plus(now, STEP_SEND_BY);
  }

  #look({ conditions, seldom }: BoundStep & { kind: "expect" }): ConditionFault | undefined {
    const { image, entries } = this.#surroundings;
    const since = this.#run.state === "running" ? this.#run.since : undefined;
    const faults = conditions.flatMap((each) => {
      return conditionFault(each, { image, find: (tag) => entries.get(tag), since }) ?? [];
    });
    if (faults.length === 0) return undefined;
    const reason = faults.map((fault) => fault.reason).join(", ");
    if (seldom) return { reason: `${reason}, which is read too seldom to say what was before`, known: false };
    return { reason, known: faults.every(({ known }) => known) };
  }

  /** The results of the present action are the command's. */
  #collect(): void {
    const prefix = this.#run.state === "running" && this.#run.phase === "otherwise" ? "otherwise." : "";
    for (const [tag, result] of this.#writes?.results ?? [])
      this.#results.set(this.#freeKey(`${prefix}${tag}`), result);
    this.#writes = undefined;
  }

  #freeKey(name: string): string {
    let key = name;
    for (let turn = 2; this.#results.has(key); turn++) key = `${name}#${turn}`;
    return key;
  }

  #feed(event: RunEvent): void {
    this.#run = nextCommandRun(this.#run, event, this.#call.rules);
    if (this.#run.state === "running" && this.#run.ending) this.#writes?.withdraw(this.#run.ending.reason);
  }
}
