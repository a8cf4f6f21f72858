import { programPath } from "./peers.ts";
import { runProgram } from "./program.ts";

/** `-t` of mbpoll by table; a suffix says how it shows registers. */
export const MBPOLL_TABLES = { coil: "0", discrete: "1", input: "3", holding: "4" } as const;

/** Reads and writes a slave with mbpoll, which shares no line of code with takt. */
export class Mbpoll {
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** `count` values of type `type` (`4`, `4:hex`, `3:int`, `4:float`) as mbpoll prints them. */
  async read(type: string, address: number, count = 1, ...options: readonly string[]): Promise<readonly string[]> {
    const out = await this.#run(["-t", type, "-r", String(address), "-c", String(count), ...options]);
    return [...out.matchAll(/^\[\d+\]:\s+(\S+)/gm)].map(([, value = ""]) => value);
  }

  /** The raw words of a range of registers. */
  async words(table: "input" | "holding", address: number, count = 1): Promise<readonly number[]> {
    return (await this.read(`${MBPOLL_TABLES[table]}:hex`, address, count)).map(Number);
  }

  async write(type: string, address: number, ...values: readonly number[]): Promise<void> {
    await this.#run(["-t", type, "-r", String(address)], values);
  }

  async #run(options: readonly string[], values: readonly number[] = []): Promise<string> {
    const args = ["-m", "tcp", "-p", String(this.#port), "-0", "-1", "-a", "1", ...options, "127.0.0.1"];
    const written = values.length > 0 ? ["--", ...values.map(String)] : [];
    const { code, out, err } = await runProgram(programPath("mbpoll") ?? "mbpoll", [...args, ...written]);
    if (code !== 0) throw new Error(`mbpoll ${args.join(" ")}: ${out}${err}`);
    return out;
  }
}
