import type { Command, CommandResult } from "../command/command.ts";
import type { AcknowledgeRequest } from "../alarm/alarm-status.ts";
import type { DeviceStatus } from "../device/device-status.ts";
import type { JobChange } from "../job/job-journal.ts";
import type { JobAnswer, JobDecision, JobSubmission } from "../job/job-request.ts";
import { unreachable } from "../kit/invariant.ts";
import type { LogRecord } from "../kit/logger.ts";
import type {
  AccessOutcome,
  CancelRequest,
  DeviceAlarms,
  Kept,
  PlantEvent,
  PlantStatistics,
  SampleBatch,
  ServiceRequest,
  ToOffice,
  ToScan,
  TracedFrames,
} from "./messages.ts";

/** What the office does with what the scan tells it; each is worked off when the call returns. */
export interface OfficeReceiver {
  blocks(blocks: readonly (readonly number[])[]): void;
  samples(batch: SampleBatch): void;
  device(status: DeviceStatus): void;
  result(result: CommandResult): void;
  stats(stats: PlantStatistics): void;
  event(event: PlantEvent): void;
  log(record: LogRecord): void;
  keep(kept: Kept): void;
  alarms(alarms: DeviceAlarms): void;
  jobs(append: number, changes: readonly JobChange[]): void;
  jobAnswer(answer: JobAnswer): void;
  accessed(access: number, outcome: AccessOutcome): void;
  traced(trace: number, traced: TracedFrames | undefined): void;
  stopped(): void;
}

/** Requests the scan may have unseen: a scan that says nothing back for so long is asked nothing more. */
const UNHEARD_LIMIT = 256;

/** The office's end of the link: hands messages to the receiver and returns the credit for them. */
export class OfficeEnd {
  readonly #post: (message: ToScan) => void;
  #unheard = 0;

  constructor(post: (message: ToScan) => void) {
    this.#post = post;
  }

  received(message: ToOffice, receiver: OfficeReceiver): void {
    this.#unheard = message.kind === "stopped" ? Infinity : 0;
    dispatch(message, receiver);
    const credit = creditFor(message);
    if (credit) this.#post(credit);
  }

  /** False, and not sent: the scan has stopped, or has not been heard of for too many requests. */
  command(command: Command): boolean {
    return this.#ask({ kind: "command", command });
  }

  cancel(cancel: CancelRequest): boolean {
    return this.#ask({ kind: "cancel", cancel });
  }

  submit(submission: JobSubmission): boolean {
    return this.#ask({ kind: "submit", submission });
  }

  decide(decision: JobDecision): boolean {
    return this.#ask({ kind: "decide", decision });
  }

  /** What the store held of jobs. */
  jobsRead(changes: readonly JobChange[]): void {
    this.#post({ kind: "jobsRead", changes });
  }

  jobsStored(append: number, refusal: string | undefined): void {
    this.#post({ kind: "jobsStored", append, refusal });
  }

  broker(up: boolean): void {
    this.#post({ kind: "broker", up });
  }

  service(service: ServiceRequest): boolean {
    return this.#ask({ kind: "service", ...service });
  }

  acknowledge(request: AcknowledgeRequest): boolean {
    return this.#ask({ kind: "acknowledge", ...request });
  }

  access(message: ToScan & { readonly kind: "access" | "trace" }): boolean {
    return this.#ask(message);
  }

  #ask(message: ToScan): boolean {
    if (this.#unheard >= UNHEARD_LIMIT) return false;
    this.#unheard++;
    this.#post(message);
    return true;
  }
}

function dispatch(message: ToOffice, receiver: OfficeReceiver): void {
  switch (message.kind) {
    case "blocks":
      return receiver.blocks(message.blocks);
    case "samples":
      return receiver.samples(message);
    case "device":
      return receiver.device(message.status);
    case "result":
      return receiver.result(message.result);
    case "stats":
      return receiver.stats(message.stats);
    case "event":
      return receiver.event(message.event);
    case "log":
      return receiver.log(message.record);
    case "keep":
      return receiver.keep(message);
    case "alarms":
      return receiver.alarms(message);
    case "jobs":
      return receiver.jobs(message.append, message.changes);
    case "jobAnswer":
      return receiver.jobAnswer(message.answer);
    case "accessed":
      return receiver.accessed(message.access, message.outcome);
    case "traced":
      return receiver.traced(message.trace, message.traced);
    case "stopped":
      return receiver.stopped();
    default:
      return unreachable(message);
  }
}

function creditFor(message: ToOffice): ToScan | undefined {
  switch (message.kind) {
    case "blocks":
    case "samples":
      return { kind: "credit", of: "batch" };
    case "device":
    case "stats":
    case "event":
    case "log":
    case "keep":
    case "alarms":
      return { kind: "credit", of: "note" };
    case "result":
    case "jobAnswer":
      return { kind: "credit", of: "answer" };
    case "jobs":
    case "accessed":
    case "traced":
    case "stopped":
      return undefined;
    default:
      return unreachable(message);
  }
}
