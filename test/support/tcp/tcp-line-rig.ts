import assert from "node:assert/strict";
import type { Line, Transaction } from "../../../src/bus/line/line.ts";
import { tcpLine } from "../../../src/bus/tcp/tcp-line.ts";
import type { TraceSink } from "../../../src/bus/line/trace-sink.ts";
import type { TcpLineSettings } from "../../../src/config/plant/plant.ts";
import { type LogRecord, loggerTo } from "../../../src/kit/logger.ts";
import type { Listenable } from "../../../src/kit/signal.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";
import type { Request } from "../../../src/modbus/request.ts";
import { HostileServer, type Script } from "./hostile-server.ts";

/** Longest that anything in these tests is waited for. */
const PATIENCE = ms(10_000);

export interface TcpLineRigOptions {
  readonly settings?: Partial<TcpLineSettings>;
  readonly unitWindows?: Readonly<Record<number, number>>;
  readonly queueLimit?: number;
  readonly trace?: TraceSink;
}

/** A line with its log. */
export class LineRig {
  readonly line: Line;
  readonly log: LogRecord[] = [];

  constructor(host: string, port: number, options: TcpLineRigOptions = {}) {
    const unitWindows = new Map(Object.entries(options.unitWindows ?? {}).map(([unit, size]) => [Number(unit), size]));
    this.line = tcpLine({
      settings: {
        name: "cell",
        kind: "tcp",
        host,
        port,
        window: 1,
        gateway: undefined,
        connectTimeout: ms(1000),
        roundTrip: ms(4),
        delayAfterConnect: ms(0),
        ...options.settings,
      },
      unitWindows,
      clock: systemClock,
      // Back as soon as the back-off allows.
      random: () => 0,
      logger: loggerTo((record) => this.log.push(record)),
      trace: options.trace,
      ...(options.queueLimit === undefined ? {} : { queueLimit: options.queueLimit }),
    });
  }

  async becomes(state: "up" | "down"): Promise<void> {
    if (this.line.state.state === state) return;
    await eventually(this.line.changes, (change) => change.state === state, `line ${state}`);
  }

  /** Sends one request and gives what became of it. */
  ask(request: Request, options: Partial<Transaction> = {}): Promise<Outcome> {
    return this.line.send(transaction(request, options)).then(outcome);
  }
}

/** A hostile server and a line to it. */
export interface TcpLineRig extends LineRig {
  /** May be replaced by another one on the same port. */
  server: HostileServer;
}

export type Outcome = Awaited<ReturnType<typeof outcome>>;

function outcome(result: Awaited<ReturnType<Line["send"]>>) {
  return result.ok
    ? { answer: result.value.answer, failure: undefined, step: undefined }
    : { answer: undefined, failure: result.failure.failure, step: result.failure.step };
}

export function transaction(request: Request, options: Partial<Transaction> = {}): Transaction {
  return { unit: 1, request, responseTimeout: ms(1000), lane: "read", ...options };
}

export function readRegisters(address: number, quantity = 1): Request {
  return { fc: 3, address, quantity };
}

/** Runs `body` with a line that is up, and closes line and server whatever happens. */
export async function withRig(
  script: Script,
  options: TcpLineRigOptions,
  body: (rig: TcpLineRig) => Promise<void>,
): Promise<void> {
  const server = await HostileServer.start(script);
  const rig: TcpLineRig = Object.assign(new LineRig("127.0.0.1", server.port, options), { server });
  try {
    rig.line.open();
    await rig.becomes("up");
    await body(rig);
  } finally {
    await rig.line.close();
    await rig.server.stop();
  }
}

/** The first event that satisfies `wanted`; fails when none does in time. */
export function eventually<T>(source: Listenable<T>, wanted: (event: T) => boolean, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = systemClock.after(what, PATIENCE, () => {
      stop();
      reject(new assert.AssertionError({ message: `waited in vain: ${what}` }));
    });
    const stop = source.on((event) => {
      if (!wanted(event)) return;
      timer.cancel();
      stop();
      resolve(event);
    });
  });
}

/** Lets real time pass; only where the passing of time is itself what a test is about. */
export function pass(span: number): Promise<void> {
  return new Promise((resolve) => systemClock.after("test", ms(span), resolve));
}
