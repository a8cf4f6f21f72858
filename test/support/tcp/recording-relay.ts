import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** MQTT's level byte of a CONNECT that speaks version 5, and an answer of 3.1.1 that says "not this version". */
const VERSION_5 = 5;
const VERSION_REFUSED = Buffer.from([0x20, 2, 0, 1]);

/** A TCP relay to a broker that remembers what each client sent, and can cut the connections. */
export class RecordingRelay {
  /** Connections made so far. */
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #sent: Buffer[] = [];
  #refuses5 = false;

  private constructor(target: number) {
    this.#server = createServer((near) => this.#join(near, target));
  }

  static async start(target: number): Promise<RecordingRelay> {
    const relay = new RecordingRelay(target);
    relay.#server.listen(0, "127.0.0.1");
    await once(relay.#server, "listening");
    return relay;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections that stand. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Everything the newest client sent. */
  sent(): Buffer {
    return Buffer.concat(this.#sent);
  }

  /** From now on a client that speaks MQTT 5 is told to speak 3.1.1. */
  refuseVersion5(): void {
    this.#refuses5 = true;
  }

  /** Cuts every connection without a goodbye. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.cut();
    await closed;
  }

  #join(near: Socket, target: number): void {
    const far = connect(target, "127.0.0.1");
    const sent: Buffer[] = [];
    let forwarded = 0;
    this.connections++;
    this.#sent = sent;
    this.#sockets.add(near);
    near.on("data", (chunk) => {
      sent.push(chunk);
      const all = Buffer.concat(sent);
      const version = all[all.indexOf("MQTT") + 4];
      if (this.#refuses5 && forwarded === 0 && version === undefined) return;
      if (this.#refuses5 && version === VERSION_5) near.end(VERSION_REFUSED);
      else far.write(all.subarray(forwarded));
      forwarded = all.length;
    });
    far.on("data", (chunk) => near.write(chunk));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on("error", () => undefined);
      one.on("close", () => {
        other.destroy();
        this.#sockets.delete(near);
      });
    }
  }
}
