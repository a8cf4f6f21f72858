import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../kit/system-clock.ts";
import type { Ms } from "../../kit/time.ts";

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A takt of its own, with a channel to us: when we die, however suddenly, it notices and ends in order. */
export class TaktChild {
  readonly process: ChildProcess;
  readonly ended: Promise<ChildEnd>;
  #output = "";

  constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    const entry = fileURLToPath(new URL(`../takt${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url));
    // A process group of its own: the terminal's Ctrl-C reaches only us, and we end the children in the right order.
    const stdio: ["ignore", "pipe", "pipe", "ipc"] = ["ignore", "pipe", "pipe", "ipc"];
    this.process = spawn(process.execPath, [...process.execArgv, entry, ...args], { env, stdio, detached: true });
    this.ended = new Promise((resolve) => this.process.once("exit", (code, signal) => resolve({ code, signal })));
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on("data", (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_KEPT)));
    }
  }

  /** The end of what it printed. */
  get output(): string {
    return this.#output.trimEnd();
  }

  /** Waits for its end; kills it when that takes longer than `patience`. */
  async end(patience: Ms): Promise<ChildEnd> {
    const deadline = systemClock.after("child", patience, () => this.process.kill("SIGKILL"));
    const end = await this.ended;
    deadline.cancel();
    return end;
  }
}

const OUTPUT_KEPT = 8192;
