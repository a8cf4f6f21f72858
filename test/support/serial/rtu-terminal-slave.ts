import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import type { RtuTransport } from "../../../src/bus/rtu/rtu-transport.ts";
import { ttyTransport } from "../../../src/bus/rtu/tty-transport.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { SERIAL } from "./rtu-line-rig.ts";
import { rightPdu } from "../tcp/hostile-server.ts";
import { rtu } from "./rtu-oracle.ts";

/** What a slave says to a request; frames come whole here. */
export type Reply = (request: Buffer, say: (bytes: Buffer) => void) => void;

export const honestReply: Reply = (request, say) => say(rightFrame(request));

export function rightFrame(request: Buffer): Buffer {
  const unit = request.readUInt8(0);
  return rtu([unit, ...rightPdu({ unit, pdu: request.subarray(1, -2) })]);
}

/** A slave at the end of a pseudo-terminal. */
export function terminalSlave(path: string, reply: Reply): Promise<RtuTransport> {
  const opened: Promise<RtuTransport> = ttyTransport(
    { ...SERIAL, adapter: { path } },
    systemClock,
  )({
    received: (chunk) => {
      const request = Buffer.from(chunk);
      opened.then(
        (port) =>
          reply(request, (bytes) => {
            port.write(bytes).catch(() => undefined);
          }),
        () => undefined,
      );
    },
    lost: () => undefined,
  });
  return opened;
}

/** A slave behind a device server: RTU frames over a socket. */
export class SocketSlave {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  reply: Reply;
  connections = 0;

  private constructor(reply: Reply) {
    this.reply = reply;
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("data", (chunk: Buffer) => this.reply(Buffer.from(chunk), (bytes) => void socket.write(bytes)));
    });
  }

  static start(reply: Reply): Promise<SocketSlave> {
    const slave = new SocketSlave(reply);
    return new Promise((resolve) => slave.#server.listen(0, "127.0.0.1", () => resolve(slave)));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection in the middle of whatever it carries. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  stop(): Promise<void> {
    this.reset();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
