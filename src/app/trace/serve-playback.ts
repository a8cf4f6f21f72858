import { createServer, type Server, type Socket } from "node:net";
import type { Clock, Timer } from "../../kit/clock.ts";
import type { Playback } from "./playback.ts";
import type { Protocol } from "./upper-pdu.ts";

export interface PlaybackServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface PlaybackServerOptions {
  readonly playback: Playback;
  readonly protocol: Protocol;
  /** 0: any free one. */
  readonly port: number;
  readonly clock: Clock;
  /** Told of a question that the recording does not know; nothing answers it. */
  readonly unknown: (question: Buffer) => void;
}

const HOST = "127.0.0.1";
const MBAP_LENGTH = 6;
const LONGEST_FRAME = 260;

/** Serves a recording on this machine. Rejects when the port cannot be had. */
export async function servePlayback(options: PlaybackServerOptions): Promise<PlaybackServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    serveSocket(socket, options);
  });
  const port = await listening(server, options.port);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function serveSocket(socket: Socket, { playback, protocol, clock, unknown }: PlaybackServerOptions): void {
  const timers = new Set<Timer>();
  let held: Buffer = Buffer.alloc(0);
  const play = (question: Buffer): boolean => {
    const replies = playback.replies(protocol, question);
    for (const { after, bytes } of replies ?? []) {
      const timer = clock.after("replay", after, () => {
        timers.delete(timer);
        if (socket.writable) socket.write(bytes);
      });
      timers.add(timer);
    }
    return replies !== undefined;
  };
  socket.on("data", (chunk) => {
    held = Buffer.concat([held, chunk]);
    held = protocol === "tcp" ? takeTcp(held, play, unknown) : takeRtu(held, playback, play, unknown);
    if (held.length > LONGEST_FRAME) socket.destroy();
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    for (const timer of timers) timer.cancel();
  });
}

type Play = (question: Buffer) => boolean;

/** Plays every whole frame; gives what is left. */
function takeTcp(bytes: Buffer, play: Play, unknown: (question: Buffer) => void): Buffer {
  let rest = bytes;
  while (rest.length >= MBAP_LENGTH && rest.length >= MBAP_LENGTH + rest.readUInt16BE(4)) {
    const frame = rest.subarray(0, MBAP_LENGTH + rest.readUInt16BE(4));
    if (!play(frame)) unknown(frame);
    rest = rest.subarray(frame.length);
  }
  return rest;
}

/** A master sends one question at a time: it is known, may become one that is, or is none. */
function takeRtu(bytes: Buffer, playback: Playback, play: Play, unknown: (question: Buffer) => void): Buffer {
  if (play(bytes)) return Buffer.alloc(0);
  if (playback.mayBecome(bytes)) return bytes;
  unknown(bytes);
  return Buffer.alloc(0);
}
