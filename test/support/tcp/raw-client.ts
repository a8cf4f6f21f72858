import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fromHex, toHex } from "../../../src/kit/bytes.ts";

/** A bare socket that speaks annotated hexadecimal: no Modbus library stands between a test and the bytes. */
export class RawClient {
  readonly socket: Socket;
  readonly #closed: Promise<void>;
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk) => (this.#received = Buffer.concat([this.#received, chunk])));
    socket.on("error", () => undefined);
    this.#closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  static async connect({ host, port }: { readonly host: string; readonly port: number }): Promise<RawClient> {
    const socket = connect({ host, port, noDelay: true });
    await once(socket, "connect", { signal: AbortSignal.timeout(2000) });
    return new RawClient(socket);
  }

  send(hex: string): void {
    this.socket.write(fromHex(hex));
  }

  /** The next `count` bytes; rejects when they do not come within two seconds. */
  async receive(count: number): Promise<string> {
    const deadline = AbortSignal.timeout(2000);
    while (this.#received.length < count) await once(this.socket, "data", { signal: deadline });
    const bytes = this.#received.subarray(0, count);
    this.#received = this.#received.subarray(count);
    return toHex(bytes);
  }

  /** Sends lines that begin with `>>` and checks those that begin with `<<`; notes stand behind two spaces. */
  async converse(conversation: string): Promise<void> {
    for (const line of conversation.trim().split("\n")) {
      const frame = line.trim().slice(3).split(/ {2,}/)[0] ?? "";
      if (line.trim().startsWith(">>")) this.send(frame);
      else if (line.trim().startsWith("<<")) await this.#expect(frame, line);
    }
  }

  /** Everything that arrived so far and was not received. */
  get unread(): string {
    return toHex(this.#received);
  }

  /** Resolves when the peer has ended or reset the connection; rejects when it has not within two seconds. */
  async ended(): Promise<void> {
    const ended = await Promise.race([this.#closed.then(() => true), sleep(2000, false, { ref: false })]);
    if (!ended) throw new Error("the peer keeps the connection");
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.ended();
  }

  async #expect(frame: string, line: string): Promise<void> {
    const expected = toHex(fromHex(frame));
    const received = await Promise.race([this.receive(fromHex(frame).length), sleep(2500, "nothing", { ref: false })]);
    if (received !== expected) throw new Error(`${line.trim()}\n   received ${received}`);
  }
}
