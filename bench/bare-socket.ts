import { connect, type Socket } from "node:net";

/**
 * The least a Modbus/TCP client on a node socket can do: send a request, cut frames by their length, decode the registers.
 * It checks nothing, waits for ever and counts nothing: the floor that other clients are measured against.
 */
export class BareSocket {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (registers: readonly number[]) => void>();
  #held: Buffer = Buffer.alloc(0);
  #id = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
  }

  static open(port: number): Promise<BareSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, noDelay: true });
      socket.once("error", reject);
      socket.once("connect", () => resolve(new BareSocket(socket)));
    });
  }

  read(unit: number, address: number, quantity: number): Promise<readonly number[]> {
    this.#id = (this.#id + 1) & 0xffff;
    const frame = Buffer.allocUnsafe(12);
    frame.writeUInt16BE(this.#id, 0);
    frame.writeUInt32BE(6, 2);
    frame[6] = unit;
    frame[7] = 3;
    frame.writeUInt16BE(address, 8);
    frame.writeUInt16BE(quantity, 10);
    this.#socket.write(frame);
    const id = this.#id;
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    while (this.#held.length >= 6 && this.#held.length >= 6 + this.#held.readUInt16BE(4)) {
      const end = 6 + this.#held.readUInt16BE(4);
      this.#deliver(this.#held, end);
      this.#held = this.#held.subarray(end);
    }
  }

  #deliver(bytes: Buffer, end: number): void {
    const id = bytes.readUInt16BE(0);
    const registers: number[] = [];
    for (let at = 9; at < end; at += 2) registers.push(bytes.readUInt16BE(at));
    this.#waiting.get(id)?.(registers);
    this.#waiting.delete(id);
  }
}
