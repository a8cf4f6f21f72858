import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A TCP proxy on a free port of the loopback interface that can cut its connections, refuse them, and stop passing bytes on. */
export class TcpProxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  /** Ends every new connection. */
  refuses = false;
  #swallows = false;

  private constructor(target: number) {
    this.#server = createServer((near) => this.#join(near, connect(target, "127.0.0.1")));
  }

  static async start(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts every connection without a goodbye. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  /** Reads no more from clients: their bytes pile up in the sockets, as with a broker that hangs. */
  stall(): void {
    for (const [near] of this.#pairs) near.pause();
  }

  /** Stops reading from those that come, too: a network that swallows everything. */
  blackhole(): void {
    this.#swallows = true;
    this.stall();
  }

  resume(): void {
    this.#swallows = false;
    for (const [near] of this.#pairs) near.resume();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.cut();
    await closed;
  }

  #join(near: Socket, far: Socket): void {
    const pair = [near, far] as const;
    if (this.refuses) near.destroy();
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [far, near]] as const) {
      from.on("data", (chunk) => to.write(chunk));
      from.on("error", () => undefined);
      from.on("close", () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
    }
    if (this.#swallows) near.pause();
  }
}
