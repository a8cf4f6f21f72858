import type { Timer } from "../../src/kit/clock.ts";
import { type Instant, type Ms, ms, plus } from "../../src/kit/time.ts";
import { GATEWAY_PATH_UNAVAILABLE, GATEWAY_TARGET_SILENT } from "../wire/exception-code.ts";
import { answerNow, type Ask, refusal, type Reply } from "../wire/reply.ts";
import type { BusEnd } from "./bus-end.ts";
import { rtuFrame } from "./check-sum.ts";
import { FrameReceiver } from "./frame-receiver.ts";
import type { Frame } from "./framing.ts";
import type { SerialBus } from "./serial-bus.ts";

export interface GatewayOptions {
  readonly bus: SerialBus;
  /** How long it waits for a unit before it answers 0B. */
  readonly timeout: Ms;
  /** Units it has a route to; others are refused with 0A. Absent: it tries every unit. */
  readonly mapped?: ReadonlySet<number>;
}

interface Job {
  readonly unit: number;
  readonly pdu: Buffer;
  readonly answer: (reply: Reply) => void;
}

/** More requests than this are not taken: they stay without an answer, as at a gateway whose buffer is full. */
const MOST_WAITING = 64;

/** Nobody answers a broadcast: the units get so long to carry it out. */
const BROADCAST_TURNAROUND = ms(100);

/** A gateway from TCP to a serial wire: one request after the other, each until its answer or until the timeout. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #end: BusEnd;
  readonly #receiver: FrameReceiver;
  readonly #waiting: Job[] = [];
  #current: Job | undefined;
  #asked = false;
  #timer: Timer | undefined;

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { bus } = options;
    this.#end = bus.connect();
    this.#receiver = new FrameReceiver({
      wire: bus.wire,
      talker: this.#end.talker,
      received: (frame) => this.#received(frame),
      damaged: () => undefined,
    });
  }

  readonly ask: Ask = (unit, pdu, answer) => {
    if (this.#options.mapped?.has(unit) === false) return answer(refusal(pdu, GATEWAY_PATH_UNAVAILABLE));
    if (this.#waiting.length >= MOST_WAITING) return answer({ kind: "silence" });
    this.#waiting.push({ unit, pdu: Buffer.from(pdu), answer });
    this.#next();
  };

  close(): void {
    this.#timer?.cancel();
    this.#waiting.length = 0;
    this.#receiver.close();
    this.#end.close();
  }

  #next(): void {
    if (this.#current) return;
    const job = this.#waiting.shift();
    if (!job) return;
    this.#current = job;
    const { pacer, times } = this.#options.bus.wire;
    const rest = times.t35 - this.#options.bus.wire.silenceAt(pacer.now());
    if (rest <= 0) this.#send(job);
    else this.#timer = pacer.at("gateway silence", plus(pacer.now(), ms(rest)), () => this.#send(job));
  }

  #send({ unit, pdu }: Job): void {
    this.#asked = true;
    const left = this.#end.write(rtuFrame(unit, pdu));
    if (unit === 0) this.#giveUpAt(plus(left, BROADCAST_TURNAROUND), { kind: "silence" });
    else this.#giveUpAt(plus(left, this.#options.timeout), refusal(pdu, GATEWAY_TARGET_SILENT));
  }

  #giveUpAt(due: Instant, reply: Reply): void {
    this.#timer = this.#options.bus.wire.pacer.at("gateway timeout", due, () => this.#finish(reply));
  }

  #received({ bytes }: Frame): void {
    if (!this.#asked || bytes[0] !== this.#current?.unit) return;
    this.#finish(answerNow(Buffer.from(bytes.subarray(1, -2))));
  }

  #finish(reply: Reply): void {
    this.#timer?.cancel();
    const job = this.#current;
    this.#current = undefined;
    this.#asked = false;
    job?.answer(reply);
    this.#next();
  }
}
