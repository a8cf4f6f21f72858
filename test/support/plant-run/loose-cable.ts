import { EventEmitter } from "node:events";
import type { ClientSocket } from "../../../simulators/wire/slave-client.ts";
import type {
  ByteConnection,
  ConnectTcp,
  TcpConnectionEvents,
  TcpEndpoint,
} from "../../../src/bus/tcp/tcp-connection.ts";
import type { Clock, Timer } from "../../../src/kit/clock.ts";
import { type Ms, ms } from "../../../src/kit/time.ts";
import type { Mishap } from "./mishaps.ts";

export interface LooseCableOptions {
  readonly clock: Clock;
  /** What each way takes. */
  readonly there: Ms;
  readonly back: Ms;
  /** Serves one connection. */
  readonly serve: (socket: ClientSocket) => void;
}

/** The network between a master and one endpoint, in memory and in virtual time: it can be cut, and its connections reset. */
export class LooseCable {
  readonly #options: LooseCableOptions;
  readonly #ends = new Set<FarEnd>();
  #cut = false;

  constructor(options: LooseCableOptions) {
    this.#options = options;
  }

  /** Nothing arrives for a while; the endpoint is restarted. */
  readonly mishaps: readonly Mishap[] = [() => this.#pull(), () => this.#reset()];

  readonly connect: ConnectTcp = (endpoint, clock, events) => {
    const near = new NearEnd(this, clock, events);
    near.connecting(endpoint, this.#cut ? undefined : ms(this.#options.there + this.#options.back));
    return near;
  };

  accept(near: NearEnd): FarEnd {
    const far = new FarEnd((bytes) => this.#carry(this.#options.back, () => near.receive(bytes, far)), {
      closed: () => this.#carry(this.#options.back, () => near.peerClosed(far)),
      gone: () => this.#ends.delete(far),
    });
    this.#ends.add(far);
    this.#options.serve(far);
    return far;
  }

  send(far: FarEnd, bytes: Buffer): void {
    this.#carry(this.#options.there, () => far.receive(bytes));
  }

  reset(far: FarEnd): void {
    this.#carry(this.#options.there, () => far.destroy());
  }

  close(): void {
    for (const end of [...this.#ends]) end.destroy();
  }

  /** What is sent while the cable is cut is lost; what of a stream is lost is not made up for. */
  #carry(delay: Ms, arrive: () => void): void {
    if (!this.#cut) this.#options.clock.after("network", delay, arrive);
  }

  #pull(): () => void {
    this.#cut = true;
    return () => {
      this.#cut = false;
      this.#reset();
    };
  }

  #reset(): () => void {
    for (const end of [...this.#ends]) end.destroySoon();
    return () => undefined;
  }
}

/** The master's end of one connection. */
class NearEnd implements ByteConnection {
  readonly #cable: LooseCable;
  readonly #clock: Clock;
  readonly #events: TcpConnectionEvents;
  #timer: Timer | undefined;
  #far: FarEnd | undefined;
  #frames: Buffer[] = [];
  #ended = false;

  constructor(cable: LooseCable, clock: Clock, events: TcpConnectionEvents) {
    this.#cable = cable;
    this.#clock = clock;
    this.#events = events;
  }

  /** Connected after so long; undefined: never. */
  connecting({ connectTimeout }: TcpEndpoint, after: Ms | undefined): void {
    const wait = ms(Math.min(after ?? connectTimeout, connectTimeout));
    this.#timer = this.#clock.after("connect", wait, () => {
      if (after === undefined || after > connectTimeout) return this.#lose("no connection in time");
      this.#far = this.#cable.accept(this);
      this.#events.connected();
    });
  }

  transmit(frame: Buffer): void {
    if (this.#frames.push(Buffer.from(frame)) === 1) queueMicrotask(() => this.flush());
  }

  reset(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer?.cancel();
    if (this.#far) this.#cable.reset(this.#far);
  }

  receive(bytes: Buffer, from: FarEnd): void {
    if (!this.#ended && from === this.#far) this.#events.received(bytes);
  }

  peerClosed(far: FarEnd): void {
    if (far === this.#far) this.#lose("closed by the peer");
  }

  flush(): void {
    const bytes = Buffer.concat(this.#frames);
    this.#frames = [];
    if (bytes.length === 0 || this.#ended || !this.#far) return;
    this.#events.flushing();
    this.#cable.send(this.#far, bytes);
  }

  #lose(reason: string): void {
    if (this.#ended) return;
    this.reset();
    this.#events.lost(reason);
  }
}

/** The slave's end: as much of a socket as a slave asks for. */
class FarEnd extends EventEmitter implements ClientSocket {
  readonly connecting = false;
  readonly writableNeedDrain = false;
  readonly #send: (bytes: Buffer) => void;
  readonly #told: { readonly closed: () => void; readonly gone: () => void };
  #destroyed = false;

  constructor(send: (bytes: Buffer) => void, told: { readonly closed: () => void; readonly gone: () => void }) {
    super();
    this.#send = send;
    this.#told = told;
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  get writable(): boolean {
    return !this.#destroyed;
  }

  get writableEnded(): boolean {
    return this.#destroyed;
  }

  receive(bytes: Buffer): void {
    if (!this.#destroyed) this.emit("data", bytes);
  }

  write(bytes: Buffer): void {
    if (!this.#destroyed) this.#send(Buffer.from(bytes));
  }

  pause(): void {
    return undefined;
  }

  resume(): void {
    return undefined;
  }

  destroySoon(): void {
    if (this.#destroyed) return;
    this.#told.closed();
    this.destroy();
  }

  resetAndDestroy(): void {
    this.destroySoon();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#told.gone();
    this.emit("close");
  }
}
