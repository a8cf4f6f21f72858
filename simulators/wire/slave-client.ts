import type { Clock, Timer } from "../../src/kit/clock.ts";
import { unreachable } from "../../src/kit/invariant.ts";
import type { Logger } from "../../src/kit/logger.ts";
import type { Random } from "../../src/kit/random.ts";
import { type Ms, ms } from "../../src/kit/time.ts";
import type { TransactionFault } from "../faults/fault.ts";
import type { LineFaults } from "../faults/line-faults.ts";
import { pieces, type Piece } from "../faults/pieces.ts";
import { spoilAnswer } from "../faults/spoil-answer.ts";
import { answerFrame, emptyStream, splitRequests, type TcpRequest } from "./mbap.ts";
import { type Ask, refusal, type Reply } from "./reply.ts";
import { spoilTcpFrame } from "./spoil-tcp-frame.ts";
import { resetSocket, type Resettable } from "../../src/kit/reset-socket.ts";

/** What a connection of a client is to its slave; a socket is one. */
export interface ClientSocket extends Resettable {
  on(event: "data", listener: (chunk: Buffer) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "drain" | "close", listener: () => void): unknown;
  write(bytes: Buffer): unknown;
  pause(): unknown;
  resume(): unknown;
  destroySoon(): void;
  readonly destroyed: boolean;
  readonly writable: boolean;
  readonly writableNeedDrain: boolean;
}

export interface SlaveClientOptions {
  readonly ask: Ask;
  /** What goes wrong on the connections; nothing where absent. */
  readonly trouble?: { readonly faults: LineFaults; readonly random: Random };
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Answers a client may have outstanding before no more of its requests are read. */
const MOST_OUTSTANDING = 64;

/** Serves one connection until it ends. */
export function serveClient(socket: ClientSocket, options: SlaveClientOptions): void {
  new SlaveClient(socket, options);
}

class SlaveClient {
  readonly #socket: ClientSocket;
  readonly #options: SlaveClientOptions;
  /** Answers that wait for their time. */
  readonly #delayed = new Set<Timer>();
  /** Frames whose time came while another one was being written. */
  readonly #begun: (() => void)[] = [];
  #writing = false;
  #stream = emptyStream;
  #outstanding = 0;
  /** The transaction id that was answered last as it should be. */
  #answered: number | undefined;
  #held: Buffer = Buffer.alloc(0);
  /** Half open: whatever comes, nothing happens. */
  #dead = false;

  constructor(socket: ClientSocket, options: SlaveClientOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("error", (error) => options.logger.debug("slave.client.error", { reason: error.message }));
    socket.on("drain", () => this.#pace());
    socket.on("close", () => this.#delayed.forEach((timer) => timer.cancel()));
    socket.on("data", (chunk) => this.#take(chunk));
  }

  #take(chunk: Buffer): void {
    if (this.#dead) return;
    const cut = splitRequests(this.#stream, chunk);
    this.#stream = cut.stream;
    this.#outstanding += cut.requests.length;
    for (const request of cut.requests) this.#serve(request);
    this.#pace();
    if (this.#stream.state === "broken") this.#socket.destroySoon();
  }

  #pace(): void {
    if (this.#outstanding >= MOST_OUTSTANDING || this.#socket.writableNeedDrain) this.#socket.pause();
    else this.#socket.resume();
  }

  /** The request needs nothing more. */
  #settled(): void {
    this.#outstanding--;
    this.#pace();
  }

  #serve(request: TcpRequest): void {
    const faults = this.#options.trouble?.faults.draw(request.unit) ?? [];
    if (has(faults, "halfOpen")) this.#dead = true;
    if (this.#dead || has(faults, "lost")) return this.#settled();
    const exception = faults.find((fault) => fault.kind === "exception");
    if (exception) return this.#reply(request, refusal(request.pdu, exception.code), faults);
    this.#options.ask(request.unit, request.pdu, (reply) => this.#reply(request, reply, faults));
  }

  #reply(request: TcpRequest, reply: Reply, faults: readonly TransactionFault[]): void {
    switch (reply.kind) {
      case "answer":
        if (has(faults, "answerLost")) return this.#settled();
        return this.#answer(this.#frame(request, reply.pdu, faults), reply.after, faults);
      case "silence":
        return this.#settled();
      case "drop":
        resetSocket(this.#socket);
        return this.#settled();
      default:
        return unreachable(reply);
    }
  }

  #frame(request: TcpRequest, pdu: Buffer, faults: readonly TransactionFault[]): Buffer {
    const { trouble } = this.#options;
    if (!trouble || faults.length === 0) return answerFrame(request, pdu);
    const frame = answerFrame(request, spoilAnswer(pdu, faults, trouble.random));
    return spoilTcpFrame(frame, { faults, random: trouble.random, answered: this.#answered });
  }

  #answer(frame: Buffer, after: Ms, faults: readonly TransactionFault[]): void {
    const whole = this.#held.length > 0 ? Buffer.concat([this.#held, frame]) : frame;
    this.#held = Buffer.alloc(0);
    if (has(faults, "merged")) {
      this.#held = whole.subarray(0, MOST_HELD);
      return this.#settled();
    }
    if (has(faults, "reset")) return this.#breakOff(whole, after);
    const random = this.#options.trouble?.random;
    const [first, ...rest] = random ? pieces(whole, faults, random) : [{ wait: ms(0), bytes: whole }];
    if (!first) return;
    this.#send([{ ...first, wait: ms(first.wait + after) }, ...rest], () => {
      if (faults.length === 0) this.#answered = frame.readUInt16BE(0);
      this.#settled();
    });
  }

  #breakOff(frame: Buffer, after: Ms): void {
    this.#send([{ wait: after, bytes: frame.subarray(0, frame.length >> 1) }], () => {
      this.#settled();
      // The reset would overtake and discard what was just written; it comes a moment later.
      this.#after(ms(1), () => resetSocket(this.#socket));
    });
  }

  #send([first, ...rest]: readonly Piece[], done: () => void): void {
    if (!first) return done();
    this.#after(first.wait, () => {
      const begin = (): void => this.#write([first, ...rest], done);
      if (this.#writing) this.#begun.push(begin);
      else begin();
    });
  }

  /** Writes a frame whose time has come. Whatever its pauses are, no other frame gets into it: it is one stream. */
  #write([piece, ...rest]: readonly Piece[], done: () => void): void {
    if (piece && this.#socket.writable && !this.#dead) this.#socket.write(piece.bytes);
    const [next] = rest;
    this.#writing = next !== undefined;
    if (next) return this.#after(next.wait, () => this.#write(rest, done));
    done();
    this.#begun.shift()?.();
  }

  #after(delay: Ms, act: () => void): void {
    if (delay <= 0) return act();
    if (this.#socket.destroyed) return;
    const timer = this.#options.clock.after("slave answer", delay, () => {
      this.#delayed.delete(timer);
      act();
    });
    this.#delayed.add(timer);
  }
}

function has(faults: readonly TransactionFault[], kind: TransactionFault["kind"]): boolean {
  return faults.some((fault) => fault.kind === kind);
}

/** Bytes of answers that are held back. */
const MOST_HELD = 4096;
