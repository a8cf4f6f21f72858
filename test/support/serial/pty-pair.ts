import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../processes/eventually.ts";
import { Program } from "../processes/program.ts";

/** Two pseudo-terminals joined end to end by socat: a serial cable without a rate. */
export class PtyPair {
  readonly master: string;
  readonly slave: string;
  readonly #folder: string;
  readonly #socat: Program;

  private constructor(folder: string) {
    this.#folder = folder;
    this.master = join(folder, "master");
    this.slave = join(folder, "slave");
    const end = (link: string): string => `pty,rawer,link=${link}`;
    this.#socat = Program.start("socat", [end(this.master), end(this.slave)]);
  }

  static async start(): Promise<PtyPair> {
    const pair = new PtyPair(await mkdtemp(join(tmpdir(), "takt-pty-")));
    await eventually(() => existsSync(pair.master) && existsSync(pair.slave), 10_000);
    return pair;
  }

  /** As if the cable and both adapters were gone. */
  async stop(): Promise<void> {
    await this.#socat.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
