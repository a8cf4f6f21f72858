import assert from "node:assert/strict";
import type { Line, Overheard, Transaction } from "../../../src/bus/line/line.ts";
import { rtuLine } from "../../../src/bus/rtu/rtu-line.ts";
import type { TracedFrame } from "../../../src/bus/line/trace-sink.ts";
import { timerWait } from "../../../src/bus/rtu/wait-until.ts";
import type { RtuOverTcpLineSettings, SerialLineSettings } from "../../../src/config/plant/plant.ts";
import { type LogRecord, loggerTo } from "../../../src/kit/logger.ts";
import { ms } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import type { Request } from "../../../src/modbus/request.ts";
import { MemoryWire } from "./memory-wire.ts";

export interface RtuRigOptions {
  readonly settings?: Partial<SerialLineSettings>;
  readonly overTcp?: Partial<RtuOverTcpLineSettings>;
  readonly queueLimit?: number;
  /** Those that are counted by themselves. */
  readonly units?: readonly number[];
}

/** A line of RTU frames in virtual time, on a wire in memory. */
export class RtuRig {
  readonly clock = new VirtualClock();
  readonly log: LogRecord[] = [];
  readonly trace: TracedFrame[] = [];
  readonly overheard: Overheard[] = [];
  readonly line: Line;
  readonly wire: MemoryWire;

  constructor(options: RtuRigOptions = {}) {
    const settings = options.overTcp ? tcpSettings(options.overTcp) : { ...SERIAL, ...options.settings };
    this.wire = new MemoryWire(this.clock, settings.format);
    this.line = rtuLine({
      settings,
      openTransport: this.wire.open,
      clock: this.clock,
      wait: timerWait(this.clock),
      random: () => 0.5,
      logger: loggerTo((record) => this.log.push(record)),
      trace: (frame) => this.trace.push(frame),
      queueLimit: options.queueLimit,
      units: options.units,
    });
    this.line.overheard.on((what) => this.overheard.push(what));
  }

  async up(): Promise<void> {
    this.line.open();
    await this.pass(5);
    assert.equal(this.line.state.state, "up");
  }

  pass(span: number): Promise<void> {
    return this.clock.advance(ms(span));
  }

  /** Sends one request; look at `outcome` after some time has passed. */
  ask(request: Request, options: Partial<Transaction> = {}): Asked {
    const asked: Asked = { outcome: "pending", sentAt: undefined };
    const transaction: Transaction = { unit: 0x11, request, responseTimeout: ms(100), lane: "read", ...options };
    this.line.send(transaction).then(
      (result) => {
        asked.outcome = result.ok ? result.value.answer : result.failure.failure;
        asked.sentAt = result.ok ? result.value.sentAt : undefined;
        asked.step = result.ok ? undefined : result.failure.step;
      },
      (error: unknown) => (asked.outcome = error),
    );
    return asked;
  }
}

export interface Asked {
  outcome: unknown;
  sentAt: number | undefined;
  step?: number | undefined;
}

export const SERIAL: SerialLineSettings = {
  name: "bus",
  kind: "serial",
  adapter: { path: "/dev/bus" },
  driver: "serialport",
  lowLatency: false,
  hostLatency: ms(2),
  delayAfterConnect: ms(0),
  format: { baudRate: 19_200, parity: "even", stopBits: 1 },
  localEcho: false,
  broadcastTurnaround: ms(100),
};

function tcpSettings(settings: Partial<RtuOverTcpLineSettings>): RtuOverTcpLineSettings {
  const { name, delayAfterConnect, format, localEcho, broadcastTurnaround } = SERIAL;
  const shared = { name, delayAfterConnect, format, localEcho, broadcastTurnaround };
  const endpoint = { host: "127.0.0.1", port: 4001, connectTimeout: ms(1000), roundTrip: ms(4), packetTime: ms(10) };
  return { kind: "rtuOverTcp", ...shared, ...endpoint, ...settings };
}
