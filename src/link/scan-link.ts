import type { CommandResult } from "../command/command.ts";
import type { DeviceStatus } from "../device/device-status.ts";
import type { JobChange } from "../job/job-journal.ts";
import type { JobAnswer } from "../job/job-request.ts";
import { BoundedQueue } from "../kit/bounded-queue.ts";
import type { LogRecord } from "../kit/logger.ts";
import { Signal } from "../kit/signal.ts";
import type { Instant } from "../kit/time.ts";
import type {
  AccessOutcome,
  DeviceAlarms,
  Kept,
  PlantEvent,
  PlantStatistics,
  SampleBatch,
  ToOffice,
  ToScan,
  TracedFrames,
} from "./messages.ts";
import { PendingNotes } from "./pending-notes.ts";
import { PendingSamples } from "./pending-samples.ts";
import type { FromOffice, LinkCounters, ScanEnd } from "./scan-end.ts";

/** One direction each: `post` never blocks, `take` gives the oldest message that has arrived, if any. */
export interface ScanPort {
  post(message: ToOffice): void;
  take(): ToScan | undefined;
}

type Credit = ToScan & { readonly kind: "credit" };

/** Messages the office may have before it has worked them off; it returns each as a credit. */
export const LINK_CREDIT = { batches: 8, notes: 64 } as const;

/** Answers that no office has worked off. Commands in flight bound them; this holds should that ever be wrong. */
const ANSWERS_LIMIT = 4096;

/**
 * The scan's end over a port that may be replaced when an office dies. Against credit: what exceeds it waits here,
 * newest per tag and device, oldest events dropped and counted. Answers to commands are sent at once and never dropped:
 * those that an office died with are sent to the next one, so they may be told twice.
 */
export class ScanLink implements ScanEnd {
  readonly restarted = new Signal<undefined>();
  readonly #farewell: (by: Instant | undefined) => Promise<void>;
  readonly #samples = new PendingSamples();
  readonly #notes = new PendingNotes();
  /** Those that no office has worked off. */
  readonly #answers = new BoundedQueue<ToOffice>({ limit: ANSWERS_LIMIT, whenFull: "dropOldest" });
  /** What this office asks of units: the next one would take their answers for those of its own. */
  readonly #asked = new Set<number>();
  #blocks: readonly (readonly number[])[] | undefined;
  #port: ScanPort | undefined;
  #batchCredit = 0;
  #noteCredit = 0;

  /** `farewell` settles when the office has ended, or was ended, after the last message; at the latest at `by`. */
  constructor(farewell: (by: Instant | undefined) => Promise<void>) {
    this.#farewell = farewell;
  }

  /** Talks to a new office from now on. */
  attach(port: ScanPort): void {
    this.#port = port;
    this.#batchCredit = LINK_CREDIT.batches;
    this.#noteCredit = LINK_CREDIT.notes;
    this.#asked.clear();
    for (const answer of this.#answers) port.post(answer);
    this.#flush();
  }

  /** The office is gone: what comes meanwhile coalesces. */
  detach(): void {
    this.#port = undefined;
    this.#batchCredit = 0;
    this.#noteCredit = 0;
  }

  samples(batch: Omit<SampleBatch, "kind">): void {
    if (batch.samples.length === 0 && batch.renewed.length === 0) return;
    if (this.#batchCredit > 0 && this.#samples.empty && !this.#blocks) {
      this.#postBatch({ kind: "samples", ...batch });
      return;
    }
    this.#samples.add(batch);
    this.#flush();
  }

  blocks(blocks: readonly (readonly number[])[]): void {
    this.#samples.forgetRenewals();
    this.#blocks = blocks;
    this.#flush();
  }

  device(status: DeviceStatus): void {
    this.#notes.device(status);
    this.#flushNotes();
  }

  stats(stats: PlantStatistics): void {
    this.#notes.stats(stats);
    this.#flushNotes();
  }

  event(event: PlantEvent): void {
    this.#notes.event(event);
    this.#flushNotes();
  }

  log(record: LogRecord): void {
    this.#notes.log(record);
    this.#flushNotes();
  }

  alarms(alarms: DeviceAlarms): void {
    this.#notes.alarms(alarms);
    this.#flushNotes();
  }

  keep(kept: Kept): void {
    this.#notes.keep(kept);
    this.#flushNotes();
  }

  result(result: CommandResult): void {
    this.#answer({ kind: "result", result });
  }

  /** Only to the office that is there: what it does not acknowledge is sent to the next one by its owner. */
  jobs(append: number, changes: readonly JobChange[]): void {
    this.#port?.post({ kind: "jobs", append, changes });
  }

  jobAnswer(answer: JobAnswer): void {
    this.#answer({ kind: "jobAnswer", answer });
  }

  accessed(access: number, outcome: AccessOutcome): void {
    if (this.#asked.delete(access)) this.#port?.post({ kind: "accessed", access, outcome });
  }

  traced(trace: number, traced: TracedFrames | undefined): void {
    this.#port?.post({ kind: "traced", trace, traced });
  }

  receive(): readonly FromOffice[] {
    const received: FromOffice[] = [];
    for (let message = this.#port?.take(); message; message = this.#port?.take()) {
      if (message.kind === "access") this.#asked.add(message.access);
      if (message.kind === "credit") this.#credit(message.of);
      else received.push(message);
    }
    this.#flush();
    return received;
  }

  #credit(of: Credit["of"]): void {
    switch (of) {
      case "batch":
        this.#batchCredit++;
        return;
      case "note":
        this.#noteCredit++;
        return;
      case "answer":
        this.#answers.shift();
        return;
    }
  }

  counters(): LinkCounters {
    return { coalesced: this.#samples.coalesced, dropped: this.#notes.dropped + this.#answers.dropped };
  }

  async stopped(by?: Instant): Promise<void> {
    // Nothing follows, and what waits is bounded: it goes now, credit or not.
    this.#batchCredit = Infinity;
    this.#noteCredit = Infinity;
    this.#flush();
    this.#port?.post({ kind: "stopped" });
    await this.#farewell(by);
  }

  #flush(): void {
    if (!this.#port) return;
    if (this.#blocks && this.#batchCredit > 0) {
      const blocks = this.#blocks;
      this.#blocks = undefined;
      this.#postBatch({ kind: "blocks", blocks });
    }
    if (!this.#blocks && !this.#samples.empty && this.#batchCredit > 0) this.#postBatch(this.#samples.take());
    this.#flushNotes();
  }

  #flushNotes(): void {
    while (this.#port && this.#noteCredit > 0) {
      const note = this.#notes.take();
      if (!note) return;
      this.#noteCredit--;
      this.#port.post(note);
    }
  }

  #postBatch(message: ToOffice): void {
    this.#batchCredit--;
    this.#port?.post(message);
  }

  #answer(message: ToOffice): void {
    this.#answers.push(message);
    this.#port?.post(message);
  }
}
