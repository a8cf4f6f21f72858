import { createServer, type Socket } from "node:net";
import type { Timer } from "../../src/kit/clock.ts";
import type { Logger } from "../../src/kit/logger.ts";
import type { Ms } from "../../src/kit/time.ts";
import { listening } from "../wire/listen.ts";
import type { BusEnd } from "./bus-end.ts";
import { Packets } from "./packets.ts";
import type { Pacer } from "./pacer.ts";
import { resetSocket } from "../../src/kit/reset-socket.ts";

export interface DeviceServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Its serial port. */
  readonly end: BusEnd;
  readonly pacer: Pacer;
  /** What arrived on the wire is sent on after this silence, or when the packet is full; 0: at once. */
  readonly packetTime: Ms;
  /** More clients than this are turned away; all of them share the wire and hear everything. */
  readonly clients?: number;
  readonly logger: Logger;
}

export interface DeviceServer {
  readonly host: string;
  readonly port: number;
  /** Resets every connection; new ones are welcome. */
  disconnect(): void;
  close(): Promise<void>;
}

const USUAL_CLIENTS = 8;

/** No more is read from the clients while their bytes keep the wire busy for longer than this. */
const MOST_BACKLOG = 1000;

/** A serial device server: RTU frames over TCP, sent on byte by byte at the pace of its serial port. */
export async function serveWire(options: DeviceServerOptions): Promise<DeviceServer> {
  const { end, clients = USUAL_CLIENTS, logger } = options;
  const sockets = new Set<Socket>();
  const packets = new Packets(options, (packet) => {
    // A client that does not read loses what comes, as at a real server whose buffer is full.
    for (const socket of sockets) if (socket.writable && !socket.writableNeedDrain) socket.write(packet);
  });
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    const reading = new PacedReading(socket, options);
    socket.on("close", () => {
      sockets.delete(socket);
      reading.close();
    });
    socket.on("error", (error) => logger.debug("wire.client.error", { reason: error.message }));
  });
  server.maxConnections = clients;
  const { address, port } = await listening(server, options);
  const disconnect = (): void => sockets.forEach((socket) => resetSocket(socket));
  const unsubscribe = end.received.on(({ bytes, end: heardUntil }) => packets.add(bytes, heardUntil));
  return {
    host: address,
    port,
    disconnect,
    close: () =>
      new Promise((resolve) => {
        unsubscribe();
        packets.close();
        end.close();
        server.close(() => resolve());
        disconnect();
      }),
  };
}

/** Hands what a client sends to the wire, no faster than the wire takes it. */
class PacedReading {
  readonly #socket: Socket;
  #timer: Timer | undefined;

  constructor(socket: Socket, { end, pacer }: DeviceServerOptions) {
    this.#socket = socket;
    socket.on("data", (bytes) => {
      const done = end.write(bytes);
      if (end.backlog <= MOST_BACKLOG) return;
      socket.pause();
      this.#timer = pacer.at("serial port busy", done, () => this.#socket.resume());
    });
  }

  close(): void {
    this.#timer?.cancel();
  }
}
