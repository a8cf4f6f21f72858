import type { LogFields, LogLevel, LogRecord } from "../../kit/logger.ts";
import type { WallTime } from "../../kit/time.ts";

export type LogFormat = "json" | "pretty";

/** One record as one line, without its end. */
export function logLine(record: LogRecord, at: WallTime, format: LogFormat): string {
  return format === "json" ? jsonLine(record, at) : prettyLine(record, at);
}

/** `{"time":"2026-11-21T07:44:10.123Z","level":"info","event":"line.up","line":"cell"}` */
function jsonLine({ level, event, fields }: LogRecord, at: WallTime): string {
  const own = { time: new Date(at).toISOString(), level, event };
  return JSON.stringify({ ...own, ...fields, ...own });
}

const LEVEL: Readonly<Record<LogLevel, string>> = { error: "ERROR", warn: "WARN ", info: "info ", debug: "debug" };

/** `07:44:10.123 info  line.up  line=cell host=127.0.0.1`, in UTC */
function prettyLine({ level, event, fields }: LogRecord, at: WallTime): string {
  const time = new Date(at).toISOString().slice(11, 23);
  return [`${time} ${LEVEL[level]} ${event}`, ...fieldTexts(fields)].join("  ");
}

function fieldTexts(fields: LogFields): string[] {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return present.map(([key, value]) => `${key}=${typeof value === "string" ? quoted(value) : String(value)}`);
}

/** A text with blanks or control characters stays one field of one line. */
function quoted(text: string): string {
  return /^[^\s"=\p{Cc}]+$/u.test(text) ? text : JSON.stringify(text);
}
