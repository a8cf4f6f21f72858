import type { Random } from "../../src/kit/random.ts";
import { type Instant, type Ms, ms, plus } from "../../src/kit/time.ts";
import type { TransactionFault } from "../faults/fault.ts";
import type { LineFaults } from "../faults/line-faults.ts";
import { pieces } from "../faults/pieces.ts";
import { spoilAnswer } from "../faults/spoil-answer.ts";
import { exceptionAnswer } from "../wire/exception-code.ts";
import type { Reply, Responder } from "../wire/reply.ts";
import { BusEnd } from "./bus-end.ts";
import { rtuFrame } from "./check-sum.ts";
import { Disturbances } from "./disturbances.ts";
import { FrameReceiver } from "./frame-receiver.ts";
import type { Frame } from "./framing.ts";
import type { Talker } from "./heard.ts";
import type { Pacer } from "./pacer.ts";
import { spoilFrame } from "./spoil-frame.ts";
import { Wire } from "./wire.ts";
import type { WireFormat } from "./wire-format.ts";

/** A slave on the wire. */
export interface BusUnit {
  readonly unit: number;
  readonly respond: Responder;
  /** From the last character of a request to the first of its answer; never below t3.5, which it takes to notice. */
  readonly turnaround: { readonly least: Ms; readonly most: Ms };
}

export interface SerialBusOptions {
  readonly format: WireFormat;
  readonly pacer: Pacer;
  /** Turnaround, collisions, and how faults look. The same sequence gives the same bytes at the same instants. */
  readonly random: Random;
  readonly units: readonly BusUnit[];
  readonly faults: LineFaults;
  /** As in {@link Wire}. */
  readonly handOver?: Ms | undefined;
}

export interface BusCounts {
  /** Frames with a right check sum, whoever sent them. */
  frames: number;
  /** Characters between two silences that were no frame. */
  damaged: number;
}

interface Slave extends BusUnit {
  readonly talker: Talker;
  /** A second slave with the same number. */
  readonly twin: Talker;
  held: Buffer;
}

/** The broadcast address: everybody executes, nobody answers. */
const EVERYBODY = 0;

/** Several slaves on one wire, each answering after its turnaround, with whatever shall go wrong on the way. */
export class SerialBus {
  readonly wire: Wire;
  readonly faults: LineFaults;
  readonly counts: BusCounts = { frames: 0, damaged: 0 };
  readonly #random: Random;
  readonly #slaves: readonly Slave[];
  readonly #receiver: FrameReceiver;
  readonly #disturbances: Disturbances;
  readonly #unsubscribe: () => void;

  constructor({ format, pacer, random, units, faults, handOver }: SerialBusOptions) {
    this.wire = new Wire({ format, pacer, random, handOver });
    this.faults = faults;
    this.#random = random;
    this.#slaves = units.map((unit) => ({ ...unit, talker: {}, twin: {}, held: Buffer.alloc(0) }));
    this.#receiver = new FrameReceiver({
      wire: this.wire,
      received: (frame) => this.#received(frame),
      damaged: () => this.counts.damaged++,
    });
    this.#disturbances = new Disturbances({ wire: this.wire, faults, random, units: units.map(({ unit }) => unit) });
    this.#unsubscribe = faults.changed.on(() => this.#cutSupply());
  }

  /** Connects a master. What it writes before the wire is silent is its own fault. */
  connect({ localEcho = false }: { readonly localEcho?: boolean } = {}): BusEnd {
    return new BusEnd(this.wire, {
      localEcho: () => localEcho || this.faults.list.some(({ kind }) => kind === "echo"),
    });
  }

  close(): void {
    this.#unsubscribe();
    this.#disturbances.close();
    this.#receiver.close();
    this.wire.close();
  }

  #received({ from, bytes, end }: Frame): void {
    this.counts.frames++;
    const unit = bytes[0] ?? 0;
    const pdu = bytes.subarray(1, -2);
    for (const slave of this.#slaves) {
      if (slave.talker === from || slave.twin === from) continue;
      if (unit === EVERYBODY) this.#execute(slave, pdu, this.faults.draw(slave.unit));
      else if (unit === slave.unit) this.#serve(slave, pdu, end);
    }
  }

  #serve(slave: Slave, pdu: Buffer, requestEnd: Instant): void {
    const faults = this.faults.draw(slave.unit);
    const reply = this.#execute(slave, pdu, faults);
    if (reply.kind !== "answer" || faults.some(({ kind }) => kind === "answerLost")) return;
    const ready = plus(requestEnd, ms(this.#turnaround(slave) + reply.after));
    this.#answer(slave, { pdu: spoilAnswer(reply.pdu, faults, this.#random), faults, ready });
    if (faults.some(({ kind }) => kind === "duplicate")) this.#answerTwice(slave, reply.pdu, requestEnd);
  }

  #execute(slave: Slave, pdu: Buffer, faults: readonly TransactionFault[]): Reply {
    if (faults.some(({ kind }) => kind === "lost")) return { kind: "silence" };
    const refusal = faults.find((fault) => fault.kind === "exception");
    if (refusal) return { kind: "answer", pdu: exceptionAnswer(pdu[0] ?? 0, refusal.code), after: ms(0) };
    return slave.respond(pdu);
  }

  #answer(slave: Slave, { pdu, faults, ready }: Answer): void {
    const clean = rtuFrame(this.#addressOf(slave, faults), pdu);
    const frame = Buffer.concat([slave.held, spoilFrame(clean, faults, this.#random)]);
    slave.held = Buffer.alloc(0);
    if (faults.some(({ kind }) => kind === "merged")) slave.held = frame.subarray(0, MOST_HELD);
    else this.#send(slave.talker, frame, { faults, ready });
  }

  #send(talker: Talker, frame: Buffer, { faults, ready }: Omit<Answer, "pdu">): void {
    let at = ready;
    for (const { wait, bytes } of pieces(frame, faults, this.#random))
      at = this.wire.send(talker, bytes, plus(at, wait));
  }

  /** The slave with the same number has values of its own, and is sometimes the faster one. */
  #answerTwice(slave: Slave, pdu: Buffer, requestEnd: Instant): void {
    const other = Buffer.from(pdu);
    const last = other.length - 1;
    if (other.length > 2 && (other[0] ?? 0) < 5)
      other[last] = (other[last] ?? 0) ^ (1 + Math.floor(this.#random() * 255));
    const ready = plus(requestEnd, ms(this.#turnaround(slave) * (0.5 + 2 * this.#random())));
    this.#send(slave.twin, rtuFrame(slave.unit, other), { faults: [], ready });
  }

  #turnaround({ turnaround: { least, most } }: Slave): Ms {
    return ms(Math.max(this.wire.times.t35, least + this.#random() * Math.max(0, most - least)));
  }

  #addressOf({ unit }: Slave, faults: readonly TransactionFault[]): number {
    const wrong = faults.find((fault) => fault.kind === "wrongUnit");
    if (!wrong) return unit;
    const taken = new Set(this.#slaves.map((slave) => slave.unit));
    let other = wrong.as ?? unit;
    while (wrong.as === undefined && taken.has(other)) other = (other % 247) + 1;
    return other;
  }

  /** A unit without supply does not finish its sentence. */
  #cutSupply(): void {
    for (const fault of this.faults.list) {
      if (fault.kind !== "brownOut") continue;
      const hit = this.#slaves.filter(({ unit }) => fault.unit === undefined || fault.unit === unit);
      for (const { talker } of hit) this.wire.silence(talker);
    }
  }
}

interface Answer {
  readonly pdu: Buffer;
  readonly faults: readonly TransactionFault[];
  readonly ready: Instant;
}

/** Bytes of answers a unit may hold back. */
const MOST_HELD = 1024;
