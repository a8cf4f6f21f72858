export type LogLevel = "error" | "warn" | "info" | "debug";

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Takes an event name (`line.up`) and its fields. One line when a state changes; never a line per poll. */
export type Logger = Readonly<Record<LogLevel, (event: string, fields?: LogFields) => void>>;

export interface LogRecord {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}

/** A Logger that hands every record to `write`. */
export function loggerTo(write: (record: LogRecord) => void): Logger {
  const at =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}) =>
      write({ level, event, fields });
  return { error: at("error"), warn: at("warn"), info: at("info"), debug: at("debug") };
}

export const silentLogger: Logger = loggerTo(() => undefined);
