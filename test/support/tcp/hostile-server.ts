import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import type { Timer } from "../../../src/kit/clock.ts";
import { Signal } from "../../../src/kit/signal.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";

/** One request as it came in. */
export interface ServedRequest {
  readonly connection: number;
  /** Counted over the life of the server, from 0. */
  readonly index: number;
  readonly id: number;
  readonly unit: number;
  readonly pdu: Buffer;
}

/** What the server does about a request, one after the other; several requests are worked on side by side. */
export type Act =
  | { readonly send: Uint8Array }
  | { readonly wait: number }
  /** Reset, orderly end, or a peer that neither reads nor answers any more. */
  | { readonly then: "reset" | "end" | "freeze" };

export type Script = (request: ServedRequest) => readonly Act[];

/** A Modbus/TCP server that does what its script says, right or wrong. */
export class HostileServer {
  readonly requests: ServedRequest[] = [];
  readonly requested = new Signal<ServedRequest>();
  /** How connections ended: `end`, `close`, or the code of the error. */
  readonly endings: string[] = [];
  readonly ended = new Signal<string>();
  connections = 0;
  /** Sent on every connection before anything is asked. */
  greeting: readonly Act[] = [];
  script: Script;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<Timer>();

  private constructor(script: Script) {
    this.script = script;
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  /** Listens on a free port of the loopback, or on `port` again. */
  static start(script: Script, port = 0): Promise<HostileServer> {
    const server = new HostileServer(script);
    return new Promise((resolve, reject) => {
      server.#server.once("error", reject);
      server.#server.listen(port, "127.0.0.1", () => resolve(server));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection and stops listening. */
  stop(how: "reset" | "end" = "reset"): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    for (const socket of this.#sockets) end(socket, how);
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    const connection = this.connections++;
    let held: Buffer = Buffer.alloc(0);
    this.#sockets.add(socket);
    socket.on("error", (error: Error & { readonly code?: string }) => this.#note(error.code ?? error.message));
    socket.on("end", () => this.#note("end"));
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      while (held.length >= 6 && held.length >= 6 + held.readUInt16BE(4)) {
        const length = 6 + held.readUInt16BE(4);
        this.#answer(socket, connection, held.subarray(0, length));
        held = held.subarray(length);
      }
    });
    this.#act(socket, this.greeting);
  }

  #note(ending: string): void {
    this.endings.push(ending);
    this.ended.emit(ending);
  }

  #answer(socket: Socket, connection: number, frame: Buffer): void {
    const [unit = 0] = frame.subarray(6);
    const request = {
      connection,
      index: this.requests.length,
      id: frame.readUInt16BE(0),
      unit,
      pdu: frame.subarray(7),
    };
    this.requests.push(request);
    this.requested.emit(request);
    this.#act(socket, this.script(request));
  }

  #act(socket: Socket, acts: readonly Act[]): void {
    for (const [index, act] of acts.entries()) {
      if (socket.destroyed) return;
      if ("wait" in act) return this.#later(act.wait, () => this.#act(socket, acts.slice(index + 1)));
      if ("send" in act) socket.write(act.send);
      else if (act.then === "freeze") socket.pause();
      else end(socket, act.then);
    }
  }

  #later(wait: number, act: () => void): void {
    const timer: Timer = systemClock.after("hostile server", ms(wait), () => {
      this.#timers.delete(timer);
      act();
    });
    this.#timers.add(timer);
  }
}

function end(socket: Socket, how: "reset" | "end"): void {
  if (how === "reset") socket.resetAndDestroy();
  else socket.end();
}

/** A frame on the wire: header, unit, PDU; `header` overrides what a right one says. */
export function frame(
  id: number,
  unit: number,
  pdu: Uint8Array,
  header: { readonly protocol?: number; readonly length?: number } = {},
): Buffer {
  const start = Buffer.alloc(7);
  start.writeUInt16BE(id, 0);
  start.writeUInt16BE(header.protocol ?? 0, 2);
  start.writeUInt16BE(header.length ?? pdu.length + 1, 4);
  start[6] = unit;
  return Buffer.concat([start, pdu]);
}

/** What register `address` of `unit` holds: a value that proves where it comes from. */
export function registerOf(unit: number, address: number): number {
  return (address * 257 + unit * 8191 + 40_503) & 0xffff;
}

export function bitOf(unit: number, address: number): boolean {
  return (registerOf(unit, address) & 0x10) !== 0;
}

/** What an honest slave answers. */
export function rightPdu({ unit, pdu }: Pick<ServedRequest, "unit" | "pdu">): Buffer {
  const code = pdu[0] ?? 0;
  if (code === 1 || code === 2) return bitsPdu(unit, pdu);
  if (code === 3 || code === 4 || code === 23) return registersPdu(unit, pdu);
  if (code === 15 || code === 16) return pdu.subarray(0, 5);
  return pdu;
}

export function right(request: ServedRequest): Buffer {
  return frame(request.id, request.unit, rightPdu(request));
}

/** An honest server. */
export const honest: Script = (request) => [{ send: right(request) }];

function registersPdu(unit: number, pdu: Buffer): Buffer {
  const quantity = pdu.readUInt16BE(3);
  const answer = Buffer.alloc(2 + 2 * quantity);
  answer[0] = pdu[0] ?? 0;
  answer[1] = 2 * quantity;
  for (let at = 0; at < quantity; at++) answer.writeUInt16BE(registerOf(unit, pdu.readUInt16BE(1) + at), 2 + 2 * at);
  return answer;
}

function bitsPdu(unit: number, pdu: Buffer): Buffer {
  const quantity = pdu.readUInt16BE(3);
  const answer = Buffer.alloc(2 + Math.ceil(quantity / 8));
  answer[0] = pdu[0] ?? 0;
  answer[1] = answer.length - 2;
  for (let at = 0; at < quantity; at++) {
    if (bitOf(unit, pdu.readUInt16BE(1) + at)) answer[2 + (at >> 3)] = (answer[2 + (at >> 3)] ?? 0) | (1 << (at & 7));
  }
  return answer;
}
