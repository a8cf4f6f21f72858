import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";
import { PYTHON } from "./peers.ts";
import { Program, runProgram } from "./program.ts";

const source = (file: string): string => fileURLToPath(new URL(`../../peers/${file}`, import.meta.url));

/** How to start a slave that none of us wrote: the command, and what it takes before the port. */
export type SlaveCommand = readonly [command: string, ...args: string[]];

export interface PreparedSlave {
  readonly command: SlaveCommand;
  readonly dispose: () => Promise<void>;
}

/** Compiles the libmodbus slave. */
export async function libmodbusSlave(): Promise<PreparedSlave> {
  const folder = await mkdtemp(join(tmpdir(), "takt-libmodbus-"));
  const program = join(folder, "server");
  const flags = ["-O2", "-Wall", "-Werror", "-I/usr/include/modbus"];
  const { code, err } = await runProgram("gcc", [...flags, "-o", program, source("libmodbus-server.c"), "-lmodbus"]);
  if (code !== 0) throw new Error(err);
  return { command: [program], dispose: () => rm(folder, { recursive: true }) };
}

export function pymodbusSlave(): Promise<PreparedSlave> {
  return Promise.resolve({ command: [PYTHON, source("pymodbus-server.py")], dispose: () => Promise.resolve() });
}

export type SlaveTable = "coil" | "discrete" | "input" | "holding";

/** One of those slaves on a port it keeps over restarts. */
export class PeerSlave {
  readonly port: number;
  readonly #command: SlaveCommand;
  #program: Program | undefined;

  constructor(command: SlaveCommand, port: number) {
    this.#command = command;
    this.port = port;
  }

  async start(): Promise<void> {
    const [command, ...args] = this.#command;
    this.#program = Program.start(command, [...args, String(this.port)]);
    await this.#program.said(/ready\n/);
  }

  /** Sets what lies in a table, from inside. */
  async set(table: SlaveTable, address: number, values: readonly number[]): Promise<void> {
    const from = this.#running.out.length;
    this.#running.tell(`${table} ${address} ${values.join(" ")}`);
    await this.#running.said(/set\n/, { from });
  }

  /** `<function> <address>` of every request that wrote, since it was started. */
  get writes(): readonly string[] {
    return [...this.#running.out.matchAll(/^wrote (.*)$/gm)].map(([, write = ""]) => write);
  }

  /** Waits until it was read `count` more times. */
  async asked(count: number): Promise<void> {
    const from = this.#running.out.length;
    await eventually(() => this.#running.out.slice(from).split("\nread ").length > count, 15_000);
  }

  async kill(): Promise<void> {
    await this.#program?.kill();
    this.#program = undefined;
  }

  get #running(): Program {
    if (!this.#program) throw new Error("the slave is not running");
    return this.#program;
  }
}
