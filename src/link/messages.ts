import type { Command, CommandResult } from "../command/command.ts";
import type { DeviceStatus } from "../device/device-status.ts";
import type { Role } from "../device/role.ts";
import type { JobChange } from "../job/job-journal.ts";
import type { JobAnswer, JobDecision, JobSubmission } from "../job/job-request.ts";
import type { LogRecord } from "../kit/logger.ts";
import type { Result } from "../kit/result.ts";
import type { Instant, Ms } from "../kit/time.ts";
import type { TracedFrame } from "../bus/line/trace-sink.ts";
import type { PlantEvent, SampleBatch } from "../scan/scan-sink.ts";
import type { CycleStatistics } from "../scan/cycle/cycle-report.ts";
import type { Kept } from "../scan/devices/kept.ts";
import type { AcknowledgeRequest, AlarmCounters, AlarmStatus } from "../alarm/alarm-status.ts";
import type { LineFigures } from "./line-figures.ts";
import type { Failure } from "../modbus/failure.ts";
import type { Answer, Request } from "../modbus/request.ts";

export { type Kept, type KeptShelf, NOTHING_RECALLED, type Recalled } from "../scan/devices/kept.ts";
export type { PlantEvent, Renewal, SampleBatch, SampleChange } from "../scan/scan-sink.ts";

/** What the scan tells the office. */
export type ToOffice =
  /** Which tags are read together; sent at the start and whenever the planner changes it. */
  | { readonly kind: "blocks"; readonly blocks: readonly (readonly number[])[] }
  | SampleBatch
  | { readonly kind: "device"; readonly status: DeviceStatus }
  | { readonly kind: "result"; readonly result: CommandResult }
  | { readonly kind: "stats"; readonly stats: PlantStatistics }
  | { readonly kind: "event"; readonly event: PlantEvent }
  | { readonly kind: "log"; readonly record: LogRecord }
  | ({ readonly kind: "keep" } & Kept)
  /** All alarms of a device that are not normal, most urgent first. */
  | ({ readonly kind: "alarms" } & DeviceAlarms)
  /** To be stored, and acknowledged with `jobsStored`; then told. */
  | { readonly kind: "jobs"; readonly append: number; readonly changes: readonly JobChange[] }
  | { readonly kind: "jobAnswer"; readonly answer: JobAnswer }
  | { readonly kind: "accessed"; readonly access: number; readonly outcome: AccessOutcome }
  /** Undefined: there is no such line. */
  | { readonly kind: "traced"; readonly trace: number; readonly traced: TracedFrames | undefined }
  /** The scan has stopped and nothing more follows: flush, publish the last status and end. */
  | { readonly kind: "stopped" };

/** `device` is a device of the plant, or `_gw` for alarms of programs. */
export interface DeviceAlarms {
  readonly device: string;
  readonly alarms: readonly AlarmStatus[];
}

/** What the office tells the scan. */
export type ToScan =
  | { readonly kind: "command"; readonly command: Command }
  /** Ends a command that is under way; its outcome tells that. */
  | { readonly kind: "cancel"; readonly cancel: CancelRequest }
  | { readonly kind: "submit"; readonly submission: JobSubmission }
  | { readonly kind: "decide"; readonly decision: JobDecision }
  /** What the store held of jobs. */
  | { readonly kind: "jobsRead"; readonly changes: readonly JobChange[] }
  /** `refusal`: why nothing was stored. */
  | { readonly kind: "jobsStored"; readonly append: number; readonly refusal: string | undefined }
  | ({ readonly kind: "service" } & ServiceRequest)
  /** Whether the broker is there; told on every change. */
  | { readonly kind: "broker"; readonly up: boolean }
  | ({ readonly kind: "acknowledge" } & AcknowledgeRequest)
  /** One raw request to a unit of a line, for `takt read` and `takt write` through the running master. */
  | {
      readonly kind: "access";
      readonly access: number;
      readonly line: string;
      readonly unit: number;
      readonly request: Request;
      /** How long the unit may take to answer. */
      readonly timeout: Ms;
      /** Not sent after this: whoever asks would have been told by then that it was not answered. */
      readonly sendBy: Instant;
    }
  /** The frames of a line since the last such question, for `takt trace`. */
  | { readonly kind: "trace"; readonly trace: number; readonly line: string }
  /** The office has worked off one message of such; the scan's end of the link takes it, the scan never sees it. */
  | { readonly kind: "credit"; readonly of: "batch" | "note" | "answer" };

/** Which command is to be ended, and who wants that. */
export type CancelRequest = Pick<Command, "device" | "id" | "origin" | "role">;

/** Takes a device out of service, or back. */
export interface ServiceRequest {
  readonly device: string;
  readonly enabled: boolean;
  /** Who asked, for the audit: `mqtt`. */
  readonly origin: string;
  /** The role it came with; undefined: that of its way. */
  readonly role?: Role | undefined;
  /** Not done after this: it would come when nobody expects it any more. */
  readonly sendBy: Instant;
}

/** Published under `_gw/stats`. */
export interface PlantStatistics {
  readonly cycle: CycleStatistics;
  readonly lines: readonly LineFigures[];
  readonly link: { readonly coalesced: number; readonly dropped: number };
  readonly alarms?: AlarmCounters;
  /** Of the office's store; put in by the office. */
  readonly store?: Readonly<Record<string, string | number>>;
}

export interface TracedFrames {
  readonly frames: readonly TracedFrame[];
  /** Frames that were not fetched in time. */
  readonly dropped: number;
  /** There are more already. */
  readonly more: boolean;
}

export type AccessOutcome = Result<{ readonly answer: Answer; readonly took: Ms }, AccessFailure>;

/** Why a raw request has no answer: what the line says, or that nothing was sent, by decision or for want of a line. */
export type AccessFailure =
  | Failure
  | { readonly kind: "denied"; readonly reason: string }
  | { readonly kind: "unreachable"; readonly reason: string };
