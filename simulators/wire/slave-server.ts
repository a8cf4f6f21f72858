import { createServer, type Socket } from "node:net";
import type { Clock, Timer } from "../../src/kit/clock.ts";
import { unreachable } from "../../src/kit/invariant.ts";
import type { Logger } from "../../src/kit/logger.ts";
import { type Ms, ms } from "../../src/kit/time.ts";
import { exceptionAnswer, GATEWAY_TARGET_SILENT } from "./exception-code.ts";
import { listening } from "./listen.ts";
import { answerFrame, emptyStream, splitRequests, type TcpRequest } from "./mbap.ts";
import type { Reply, Responder } from "./reply.ts";

export interface SlaveServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly units: ReadonlyMap<number, Responder>;
  /** What a unit that is not there does: nothing, or what a gateway says for it (exception 0B). */
  readonly unknownUnit: "silent" | "gateway";
  readonly clock: Clock;
  readonly logger: Logger;
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

/** Answers a client may have outstanding before no more of its requests are read. */
const MOST_OUTSTANDING = 64;

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
  const disconnect = (): void => connections.forEach((socket) => socket.resetAndDestroy());
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

function serveClient(socket: Socket, options: SlaveServerOptions): void {
  let stream = emptyStream;
  let outstanding = 0;
  const delayed = new Set<Timer>();
  const settled = (): void => {
    outstanding--;
    pace();
  };
  const pace = (): void => {
    if (outstanding >= MOST_OUTSTANDING || socket.writableNeedDrain) socket.pause();
    else socket.resume();
  };
  socket.on("error", (error) => options.logger.debug("slave.client.error", { reason: error.message }));
  socket.on("drain", pace);
  socket.on("close", () => delayed.forEach((timer) => timer.cancel()));
  socket.on("data", (chunk) => {
    const cut = splitRequests(stream, chunk);
    stream = cut.stream;
    outstanding += cut.requests.length;
    for (const request of cut.requests) serveRequest(socket, request, { ...options, delayed, settled });
    pace();
    if (stream.state === "broken") socket.destroySoon();
  });
}

interface RequestContext extends SlaveServerOptions {
  /** Answers of this connection that wait for their time. */
  readonly delayed: Set<Timer>;
  /** Called once, when the request needs nothing more. */
  readonly settled: () => void;
}

function serveRequest(socket: Socket, request: TcpRequest, context: RequestContext): void {
  const reply = context.units.get(request.unit)?.(request.pdu) ?? absentUnit(request, context.unknownUnit);
  switch (reply.kind) {
    case "answer":
      return answer(socket, answerFrame(request, reply.pdu), { ...context, after: reply.after });
    case "silence":
      return context.settled();
    case "drop":
      socket.resetAndDestroy();
      return context.settled();
    default:
      return unreachable(reply);
  }
}

function answer(socket: Socket, frame: Buffer, context: RequestContext & { readonly after: Ms }): void {
  const send = (): void => {
    if (socket.writable) socket.write(frame);
    context.settled();
  };
  if (context.after <= 0) return send();
  const timer = context.clock.after("slave answer", context.after, () => {
    context.delayed.delete(timer);
    send();
  });
  context.delayed.add(timer);
}

function absentUnit({ pdu }: TcpRequest, unknownUnit: "silent" | "gateway"): Reply {
  if (unknownUnit === "silent") return { kind: "silence" };
  return { kind: "answer", pdu: exceptionAnswer(pdu[0] ?? 0, GATEWAY_TARGET_SILENT), after: ms(0) };
}
