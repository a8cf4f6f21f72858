import type { SerialAdapter } from "../../config/plant/plant.ts";
import type { Ms } from "../../kit/time.ts";
import type { TracedFrame } from "../../bus/line/trace-sink.ts";
import type { AccessFailure, AccessOutcome, TracedFrames } from "../../link/messages.ts";
import type { Answer, Request } from "../../modbus/request.ts";

/**
 * What goes over a control socket: one JSON text a line, each request answered by one reply, in order. A request is
 * `{"hello":1}`, `{"trace":{"line":"drives"}}` or `{"access":{"line":"cell","unit":1,"timeout":1000,"request":{"fc":3,"address":0,"quantity":2}}}`.
 */
export type ControlRequest =
  | { readonly hello: 1 }
  | { readonly access: AccessRequest }
  | { readonly trace: { readonly line: string } }
  | { readonly describe: { readonly device: string } }
  | { readonly ask: CallRequest };

/** A command for a device; its payload as it would come over MQTT (docs/mqtt.md). */
export interface CallRequest {
  readonly device: string;
  readonly kind: "call" | "arm";
  readonly payload: unknown;
}

/** A device with the commands of its profile, as `meta` tells them. */
export interface DescribedDevice {
  readonly device: string;
  readonly profile: string;
  readonly commands: Readonly<Record<string, DescribedCommand>>;
}

export interface DescribedCommand {
  readonly title?: string;
  readonly args: Readonly<Record<string, DescribedArg>>;
  readonly role?: string;
  readonly preempts?: boolean;
  readonly arm?: string;
}

export interface DescribedArg {
  readonly title?: string;
  readonly type: string;
  readonly unit?: string;
  readonly range?: readonly [number, number];
  readonly values?: readonly string[];
  readonly default?: unknown;
}

export interface AccessRequest {
  readonly line: string;
  readonly unit: number;
  readonly timeout: Ms;
  readonly request: Request;
}

export type ControlReply =
  | { readonly hello: MasterIdentity }
  | { readonly accessed: AccessReply }
  | { readonly traced: TraceReply }
  /** Undefined: the master has no such device, but these. */
  | { readonly described: DescribedDevice | null; readonly devices: readonly string[] }
  /** The outcome as it would be published. */
  | { readonly outcome: unknown }
  | { readonly error: string };

/** The frames of a line since the last question; the first begins the watch, and five seconds without one end it. */
export interface TraceReply {
  readonly dropped: number;
  readonly more: boolean;
  readonly frames: readonly TraceReplyFrame[];
}

export interface TraceReplyFrame extends Pick<TracedFrame, "direction" | "at"> {
  readonly hex: string;
  readonly verdict?: string;
}

export function traceReply({ frames, dropped, more }: TracedFrames): TraceReply {
  const shown = frames.map(({ direction, at, bytes, verdict }) => {
    return { direction, at, hex: Buffer.from(bytes).toString("hex"), ...(verdict === undefined ? {} : { verdict }) };
  });
  return { dropped, more, frames: shown };
}

/** Who answers on a control socket. */
export interface MasterIdentity {
  readonly plant: string;
  /** Its name in topics and logs: of two that have the same the broker takes one for the other. */
  readonly gateway: string;
  readonly pid: number;
  readonly lines: readonly OwnedLine[];
}

/** A line that the master has to itself. */
export type OwnedLine = LineAddress & { readonly name: string };

/** What one line leads to; two lines that lead to the same cannot both have it. */
export type LineAddress =
  | { readonly kind: "tcp" | "rtuOverTcp"; readonly host: string; readonly port: number }
  | { readonly kind: "serial"; readonly adapter: SerialAdapter };

/** An {@link AccessOutcome} as JSON can carry it. */
export type AccessReply =
  | { readonly ok: true; readonly took: Ms; readonly answer: AnswerJson }
  | { readonly ok: false; readonly failure: AccessFailure };

type AnswerJson =
  | Exclude<Answer, { readonly kind: "serverId" | "identification" }>
  | { readonly kind: "serverId"; readonly id: number; readonly running: boolean; readonly data: readonly number[] }
  | { readonly kind: "identification"; readonly objects: readonly (readonly [number, string])[] };

/** Longest line either side takes: an answer of 2,000 bits is half of that. */
export const LONGEST_LINE = 32_768;

export function accessReply(outcome: AccessOutcome): AccessReply {
  if (!outcome.ok) return outcome;
  return { ok: true, took: outcome.value.took, answer: answerJson(outcome.value.answer) };
}

export function accessOutcome(reply: AccessReply): AccessOutcome {
  if (!reply.ok) return reply;
  return { ok: true, value: { took: reply.took, answer: answerOf(reply.answer) } };
}

function answerJson(answer: Answer): AnswerJson {
  if (answer.kind === "serverId") return { ...answer, data: [...answer.data] };
  return answer.kind === "identification" ? { ...answer, objects: [...answer.objects] } : answer;
}

function answerOf(answer: AnswerJson): Answer {
  if (answer.kind === "serverId") return { ...answer, data: Uint8Array.from(answer.data) };
  return answer.kind === "identification" ? { ...answer, objects: new Map(answer.objects) } : answer;
}
