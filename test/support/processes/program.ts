import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program under test: what it has said so far, and its end. */
export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<ProgramEnd>;
  readonly #saying = new Set<() => void>();
  #out = "";
  #err = "";

  private constructor(child: ChildProcess) {
    this.child = child;
    this.ended = new Promise((resolve) => {
      child.once("error", (error) => (this.#err += String(error)));
      child.once("close", (code, signal) => {
        resolve({ code, signal });
        this.#said();
      });
    });
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#out += text;
      this.#said();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#err += text;
      this.#said();
    });
  }

  static start(command: string, args: readonly string[], options: Omit<SpawnOptions, "stdio"> = {}): Program {
    return new Program(spawn(command, [...args], { ...options, stdio: ["pipe", "pipe", "pipe"] }));
  }

  get out(): string {
    return this.#out;
  }

  get err(): string {
    return this.#err;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The first match in its standard output from `from` on, within `deadline` milliseconds. */
  said(pattern: RegExp, { from = 0, deadline = 30_000 } = {}): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        end();
        reject(new Error(`${why} before saying ${String(pattern)}; it said:\n${this.#out}\n${this.#err}`));
      };
      const look = (): void => {
        const match = pattern.exec(this.#out.slice(from));
        if (!match) return this.running ? undefined : fail("it ended");
        end();
        resolve(match);
      };
      const timer = setTimeout(() => fail(`${deadline} ms went by`), deadline);
      const end = (): void => {
        clearTimeout(timer);
        this.#saying.delete(look);
      };
      this.#saying.add(look);
      look();
    });
  }

  tell(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /** Sends the signal and waits for the end; a program that outlives `deadline` milliseconds is killed and said so. */
  async stop(signal: NodeJS.Signals = "SIGTERM", deadline = 30_000): Promise<ProgramEnd> {
    if (this.running) this.child.kill(signal);
    return this.end(deadline, signal);
  }

  async end(deadline = 30_000, after = "all it was told"): Promise<ProgramEnd> {
    const timely = new AbortController();
    const timer = setTimeout(() => {
      timely.abort();
      this.child.kill("SIGKILL");
    }, deadline);
    const end = await this.ended;
    clearTimeout(timer);
    if (timely.signal.aborted)
      throw new Error(`it lived ${deadline} ms after ${after}; it said:\n${this.#out}\n${this.#err}`);
    return end;
  }

  /** Ends it as a power cut would; for hooks, whatever became of it. */
  async kill(): Promise<void> {
    if (this.running) this.child.kill("SIGKILL");
    await this.ended;
  }

  #said(): void {
    for (const look of [...this.#saying]) look();
  }
}

/** Runs a program to its end. */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: Omit<SpawnOptions, "stdio"> = {},
): Promise<ProgramEnd & { readonly out: string; readonly err: string }> {
  const program = Program.start(command, args, options);
  program.child.stdin?.end();
  const end = await program.end();
  return { ...end, out: program.out, err: program.err };
}
