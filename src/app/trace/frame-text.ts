import { toHex } from "../../kit/bytes.ts";
import { describeFrame } from "./describe-frame.ts";
import type { RecordedFrame } from "./recording.ts";

const MEANING_WIDTH = 44;

/** One frame in one line: time, direction, meaning, bytes, verdict. */
export function frameText(frame: RecordedFrame): string {
  const time = new Date(frame.at).toISOString().slice(11, 23);
  const arrow = frame.direction === "sent" ? ">>" : "<<";
  const verdict = frame.verdict === undefined ? "" : `  [${frame.verdict}]`;
  return `${time} ${arrow} ${describeFrame(frame).padEnd(MEANING_WIDTH)}  ${toHex(frame.bytes)}${verdict}`;
}

/** The same for programs. */
export function frameJson({ line, direction, at, bytes, verdict, protocol }: RecordedFrame): string {
  const meaning = describeFrame({ protocol, direction, bytes });
  return JSON.stringify({ ts: Math.round(at * 1000) / 1000, line, direction, meaning, bytes: toHex(bytes), verdict });
}
