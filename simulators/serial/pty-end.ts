import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Logger } from "../../src/kit/logger.ts";
import type { BusEnd } from "./bus-end.ts";

export interface PtyOptions {
  /** A path that does not exist yet: the port appears there and goes away with the simulation. */
  readonly path: string;
  readonly end: BusEnd;
  readonly logger: Logger;
}

export interface Pty {
  readonly path: string;
  /** Pulls the adapter out and puts it in again: whoever has the port open loses it. */
  replug(): Promise<void>;
  close(): Promise<void>;
}

const TAKEN = 17;
const NO_SOCAT = 127;

/** socat makes the pseudo terminal and carries its bytes; its path must not be taken, or socat would remove what is there. */
const TERMINAL = `[ -e "$1" ] || [ -L "$1" ] && exit ${TAKEN}; exec socat -d -d "PTY,link=$1,rawer" STDIO`;

/** A pseudo terminal that nobody has open ends; this child holds it as long as it lives. */
const HOLDER = `exec 3<>"$1" || exit 1; echo held; exec cat`;

/**
 * A serial port that any program can open, at the other end of the wire. Needs socat. Rejects, for people, where the port
 * cannot be made.
 */
export async function servePty({ path, end, logger }: PtyOptions): Promise<Pty> {
  let port = await plug({ path, end, logger });
  return {
    path,
    async replug() {
      await port.close();
      port = await plug({ path, end, logger });
    },
    async close() {
      end.close();
      await port.close();
    },
  };
}

async function plug({ path, end, logger }: PtyOptions): Promise<{ close(): Promise<void> }> {
  const socat = spawn("sh", ["-c", TERMINAL, "sh", path], { stdio: ["pipe", "pipe", "pipe"] });
  for (const stream of [socat.stdin, socat.stdout, socat.stderr])
    stream.on("error", (error) => logger.debug("pty.error", { path, reason: error.message }));
  const ended = once(socat, "close");
  await ready(socat, path);
  const holder = spawn("sh", ["-c", HOLDER, "sh", path], { stdio: ["pipe", "pipe", "ignore"] });
  holder.stdin.on("error", () => undefined);
  const released = once(holder, "close");
  await Promise.race([once(holder.stdout, "data"), released]);
  socat.stderr.resume();
  socat.stdout.on("data", (bytes: Buffer) => end.write(bytes));
  const unsubscribe = end.received.on(({ bytes }) => {
    // Whoever has the port open and does not read loses what comes, as at every serial port.
    if (socat.stdin.writable && !socat.stdin.writableNeedDrain) socat.stdin.write(bytes);
  });
  socat.once("exit", () => unsubscribe());
  return {
    async close() {
      unsubscribe();
      socat.kill();
      holder.kill();
      await Promise.all([ended, released]);
    },
  };
}

/** Resolves when the port can be opened. */
function ready(socat: ChildProcess, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    socat.stderr?.on("data", function look(chunk: Buffer) {
      said = (said + chunk.toString()).slice(-2000);
      if (!said.includes("starting data transfer loop")) return;
      socat.stderr?.off("data", look);
      resolve();
    });
    socat.once("error", (error) => reject(new Error(`${path}: ${error.message}`, { cause: error })));
    socat.once("close", (code) => reject(new Error(`${path}: ${reasonOf(code, said)}`)));
  });
}

function reasonOf(code: number | null, said: string): string {
  if (code === TAKEN) return "exists already; a simulated serial port takes nobody's place";
  if (code === NO_SOCAT) return "needs the program socat, which is not installed";
  return `socat could not make a serial port: ${said.trim()}`;
}
