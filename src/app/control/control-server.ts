import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { CommandResult } from "../../command/command.ts";
import type { Clock, Timer } from "../../kit/clock.ts";
import type { Logger } from "../../kit/logger.ts";
import { ms } from "../../kit/time.ts";
import type { Result } from "../../kit/result.ts";
import type { AccessOutcome, TracedFrames } from "../../link/messages.ts";
import { resultPlain } from "../../mqtt/json/result-payload.ts";
import {
  type AccessRequest,
  accessReply,
  type CallRequest,
  type ControlReply,
  type DescribedDevice,
  LONGEST_LINE,
  type MasterIdentity,
  traceReply,
} from "./control-message.ts";
import { readControlRequest } from "./read-control-request.ts";
import { makeRuntimeFolder } from "./runtime-folder.ts";
import { TextLines } from "./text-lines.ts";

export interface ControlServerOptions {
  /** Made, for its owner alone, where it is not there. */
  readonly folder: string;
  readonly identity: MasterIdentity;
  /** One raw request to a unit; always settles. */
  readonly access: (request: AccessRequest) => Promise<AccessOutcome>;
  /** The frames of a line since the last call; the failure is a sentence. Always settles. */
  readonly trace: (line: string) => Promise<Result<TracedFrames, string>>;
  /** The device of this name with its commands; undefined: there is none. */
  readonly describe: (device: string) => DescribedDevice | undefined;
  readonly devices: readonly string[];
  /** A command; the failure is a sentence. Always settles. */
  readonly ask: (request: CallRequest) => Promise<Result<CommandResult, string>>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ControlServer {
  readonly path: string;
  /** Ends every client and removes the socket. */
  close(): Promise<void>;
}

/** More clients than this are turned away. */
const MOST_CLIENTS = 16;

/** Requests a client may have sent ahead of their replies. */
const MOST_WAITING = 8;

/** A client that leaves so much unread is sent away; frames of a trace are the most that one reply brings. */
const MOST_UNREAD = 16 * LONGEST_LINE;

/** A client that asks nothing for so long is sent away. */
const IDLE = ms(60_000);

/** The longest path of a Unix domain socket, in bytes (sun_path of Linux, less its end). */
const LONGEST_PATH = 107;

/**
 * Answers the commands of this machine's user on `<folder>/<pid>.sock`, so that they go through the master that owns the
 * lines. Rejects when the socket cannot be made.
 */
export async function serveControl(options: ControlServerOptions): Promise<ControlServer> {
  const path = join(options.folder, `${options.identity.pid}.sock`);
  if (Buffer.byteLength(path) > LONGEST_PATH) throw new Error(`${path} is too long for the path of a socket`);
  makeRuntimeFolder(options.folder);
  // Nobody else has our process id: what lies there was left by one that had it before.
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    serveClient(socket, options);
  });
  server.maxConnections = MOST_CLIENTS;
  await listening(server, path);
  chmodSync(path, 0o600);
  server.on("error", (error) => options.logger.warn("control.error", { reason: error.message }));
  return { path, close: () => closed(server, sockets) };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function closed(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}

function serveClient(socket: Socket, options: ControlServerOptions): void {
  const lines = new TextLines(LONGEST_LINE);
  const waiting: string[] = [];
  let busy = false;
  const endWhenIdle = (): Timer =>
    options.clock.after("control client idle", IDLE, () => {
      if (busy) idle = endWhenIdle();
      else socket.destroy();
    });
  let idle = endWhenIdle();
  const work = async (): Promise<void> => {
    busy = true;
    for (let line = waiting.shift(); line !== undefined; line = waiting.shift()) {
      const reply = await answerLine(line, options);
      if (socket.writable) socket.write(`${JSON.stringify(reply)}\n`);
      if (socket.writableLength > MOST_UNREAD) socket.destroy();
    }
    busy = false;
  };
  const refuse = (error: string): void => {
    socket.end(`${JSON.stringify({ error } satisfies ControlReply)}\n`, () => socket.destroy());
  };
  socket.on("data", (chunk) => {
    idle.cancel();
    idle = endWhenIdle();
    const complete = lines.push(chunk);
    if (!complete) return refuse(`a line is longer than ${LONGEST_LINE} bytes`);
    if (waiting.length + complete.length > MOST_WAITING) return refuse("too many requests ahead of their replies");
    waiting.push(...complete);
    if (!busy) work().catch(() => socket.destroy());
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    idle.cancel();
    waiting.length = 0;
  });
}

async function answerLine(line: string, options: ControlServerOptions): Promise<ControlReply> {
  const { identity, access, trace } = options;
  const request = readControlRequest(line);
  if (!request.ok) return { error: request.failure };
  if ("hello" in request.value) return { hello: identity };
  if ("trace" in request.value) {
    const traced = await trace(request.value.trace.line);
    return traced.ok ? { traced: traceReply(traced.value) } : { error: traced.failure };
  }
  if ("describe" in request.value) {
    return { described: options.describe(request.value.describe.device) ?? null, devices: options.devices };
  }
  if ("ask" in request.value) {
    const asked = await options.ask(request.value.ask);
    return asked.ok ? { outcome: resultPlain(asked.value) } : { error: asked.failure };
  }
  return { accessed: accessReply(await access(request.value.access)) };
}
