import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { programPath } from "./peers.ts";

/** A real mosquitto on a free port of the loopback interface; it keeps its port over restarts. */
export class Mosquitto {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "takt-mosquitto-"));
  #child: ChildProcess | undefined;

  private constructor(port: number, more: readonly string[]) {
    this.port = port;
    const isOpen = !more.some((line) => line.startsWith("allow_anonymous"));
    const access = isOpen ? ["allow_anonymous true"] : [];
    const lines = [`listener ${port} 127.0.0.1`, ...access, "persistence false", ...more];
    writeFileSync(this.#config, `${lines.join("\n")}\n`);
  }

  /** `more`: further lines of its configuration; everybody may do everything, unless they say otherwise. */
  static async start(more: readonly string[] = []): Promise<Mosquitto> {
    const mosquitto = new Mosquitto(await freePort(), more);
    await mosquitto.start();
    return mosquitto;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  get #config(): string {
    return join(this.#folder, "mosquitto.conf");
  }

  async start(): Promise<void> {
    this.#child = spawn(programPath("mosquitto") ?? "mosquitto", ["-c", this.#config], { stdio: "ignore" });
    await listening(this.port);
  }

  /** Ends it as a power cut would. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  /** Ends it as its service does: it says goodbye to everybody. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await canConnect(port)) return;
    await pause(25);
  }
  throw new Error(`nothing listens on port ${port}`);
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket(port, "127.0.0.1");
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}
