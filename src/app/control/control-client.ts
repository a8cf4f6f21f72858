import { connect, type Socket } from "node:net";
import type { Clock, Timer } from "../../kit/clock.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { type Ms, ms } from "../../kit/time.ts";
import { type ControlReply, type ControlRequest, LONGEST_LINE } from "./control-message.ts";
import { TextLines } from "./text-lines.ts";

/** Why there is no reply; `refused`: nobody listens on the socket any more. */
export interface ControlFailure {
  readonly kind: "refused" | "lost";
  readonly reason: string;
}

/** A connection to one master's control socket; one request at a time. */
export interface ControlClient {
  ask(request: ControlRequest, within: Ms): Promise<Result<ControlReply, ControlFailure>>;
  close(): void;
}

const CONNECT_TIME = ms(1000);

export function connectControl(path: string, clock: Clock): Promise<Result<ControlClient, ControlFailure>> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const fail = (kind: ControlFailure["kind"], reason: string): void => {
      timer.cancel();
      socket.destroy();
      resolve(err({ kind, reason }));
    };
    const timer = clock.after("control connect", CONNECT_TIME, () => fail("lost", "it does not accept us"));
    const onError = (error: NodeJS.ErrnoException): void =>
      fail(error.code === "ECONNREFUSED" ? "refused" : "lost", error.message);
    socket.once("error", onError);
    socket.once("connect", () => {
      timer.cancel();
      socket.off("error", onError);
      resolve(ok(new SocketClient(socket, clock)));
    });
  });
}

interface Waiting {
  readonly settle: (result: Result<ControlReply, ControlFailure>) => void;
  readonly deadline: Timer;
}

class SocketClient implements ControlClient {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #lines = new TextLines(LONGEST_LINE);
  #waiting: Waiting | undefined;
  #lost: string | undefined;

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on("data", (chunk) => this.#read(chunk));
    socket.on("error", (error) => this.#lose(error.message));
    socket.on("close", () => this.#lose("the master closed the connection"));
  }

  ask(request: ControlRequest, within: Ms): Promise<Result<ControlReply, ControlFailure>> {
    if (this.#lost !== undefined) return Promise.resolve(err({ kind: "lost", reason: this.#lost }));
    return new Promise((settle) => {
      const deadline = this.#clock.after("control reply", within, () => this.#lose("the master does not reply"));
      this.#waiting = { settle, deadline };
      this.#socket.write(`${JSON.stringify(request)}\n`);
    });
  }

  close(): void {
    this.#lose("closed");
  }

  #read(chunk: Buffer): void {
    const lines = this.#lines.push(chunk);
    if (!lines) return this.#lose("its reply is too long");
    for (const line of lines) {
      const reply = parseReply(line);
      if (!reply) return this.#lose("its reply is not understood");
      this.#settle(ok(reply));
    }
  }

  #lose(reason: string): void {
    this.#lost ??= reason;
    this.#socket.destroy();
    this.#settle(err({ kind: "lost", reason: this.#lost }));
  }

  #settle(result: Result<ControlReply, ControlFailure>): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.deadline.cancel();
    waiting?.settle(result);
  }
}

/** The folder lets in nobody but us: the reply has the shape its first key says. */
function parseReply(line: string): ControlReply | undefined {
  try {
    const reply: unknown = JSON.parse(line);
    const known =
      typeof reply === "object" &&
      reply !== null &&
      ["hello", "accessed", "traced", "described", "outcome", "error"].some((key) => key in reply);
    return known ? (reply as ControlReply) : undefined;
  } catch {
    return undefined;
  }
}
