import type { Clock } from "../../kit/clock.ts";
import { MBAP_LENGTH } from "./mbap-parser.ts";
import type { TraceSink } from "../line/trace-sink.ts";

/** Gives the frames of a Modbus/TCP connection to a trace, whole as they were on the wire. */
export class TcpTracer {
  readonly #line: string;
  readonly #clock: Clock;
  readonly #trace: TraceSink;

  constructor(line: string, clock: Clock, trace: TraceSink) {
    this.#line = line;
    this.#clock = clock;
    this.#trace = trace;
  }

  sent(frame: Buffer): void {
    this.#put("sent", frame, undefined);
  }

  /** `body` begins with the unit; its header said no more than its id and length. */
  received(wireId: number, body: Buffer, verdict: string): void {
    const frame = Buffer.alloc(MBAP_LENGTH + body.length);
    frame.writeUInt16BE(wireId, 0);
    frame.writeUInt16BE(body.length, 4);
    body.copy(frame, MBAP_LENGTH);
    this.#put("received", frame, verdict);
  }

  #put(direction: "sent" | "received", bytes: Buffer, verdict: string | undefined): void {
    this.#trace({ line: this.#line, direction, at: this.#clock.now(), bytes, verdict });
  }
}
