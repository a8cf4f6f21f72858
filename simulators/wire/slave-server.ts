import { createServer, type Socket } from "node:net";
import { listening } from "./listen.ts";
import { serveClient, type SlaveClientOptions } from "./slave-client.ts";
import { resetSocket } from "../../src/kit/reset-socket.ts";

export interface SlaveServerOptions extends SlaveClientOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

export interface SlaveServer {
  readonly host: string;
  readonly port: number;
  /** Resets every connection, as a pulled cable or a rebooting gateway would; new ones are welcome. */
  disconnect(): void;
  close(): Promise<void>;
}

/** More clients than this are turned away. */
const MOST_CLIENTS = 256;

/** Serves any number of units on one TCP endpoint (Modbus Messaging on TCP/IP V1.0b). Rejects when it cannot listen. */
export async function serveSlaves(options: SlaveServerOptions): Promise<SlaveServer> {
  const connections = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    serveClient(socket, options);
  });
  server.maxConnections = MOST_CLIENTS;
  const { address, port } = await listening(server, options);
  const disconnect = (): void => connections.forEach((socket) => resetSocket(socket));
  return {
    host: address,
    port,
    disconnect,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        disconnect();
      }),
  };
}
