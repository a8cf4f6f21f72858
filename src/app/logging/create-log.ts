import { Writable } from "node:stream";
import { closeSync, openSync } from "node:fs";
import winston from "winston";
import type { LogLevel, LogRecord } from "../../kit/logger.ts";
import type { WallTime } from "../../kit/time.ts";
import { type LogFormat, logLine } from "./log-line.ts";
import { writeFully } from "./write-fully.ts";

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** `stdout`, `stderr`, or the path of a file to append to. */
  readonly to: string;
}

export interface Log {
  readonly write: (record: LogRecord, at: WallTime) => void;
  readonly close: () => void;
}

const STANDARD: Readonly<Record<string, number>> = { stdout: 1, stderr: 2 };

/**
 * The log: winston over `fs.writeSync`, because a worker's own streams wait for the main loop. Throws if the file cannot
 * be opened.
 */
export function createLog(options: LogOptions): Log {
  const standard = STANDARD[options.to];
  const descriptor = standard ?? openSync(options.to, "a");
  const logger = winston.createLogger({
    level: options.level,
    levels: { error: 0, warn: 1, info: 2, debug: 3 } satisfies Record<LogLevel, number>,
    format: winston.format.printf((info) => String(info.message)),
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston types its own transports so
    transports: [new winston.transports.Stream({ stream: descriptorStream(descriptor), eol: "\n" })],
    exitOnError: false,
  });
  return {
    write(record, at) {
      if (logger.isLevelEnabled(record.level)) logger.log(record.level, logLine(record, at, options.format));
    },
    close() {
      logger.close();
      if (standard === undefined) closeSync(descriptor);
    },
  };
}

/** Writes at once, so that a line is out before the next statement runs. */
function descriptorStream(descriptor: number): Writable {
  return new Writable({
    write(chunk: Uint8Array, _encoding, next) {
      writeFully(descriptor, chunk);
      next();
    },
  });
}
