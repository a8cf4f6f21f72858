import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";

/** What the slave saw of one transaction, in milliseconds. */
export interface PacedTransaction {
  /** From the begin of its request to that of the next. */
  readonly span: number;
  /** Before its request, since the end of the answer before. */
  readonly silence: number;
  /** How much later than the wire's pace the answer ended: the measuring's own error. */
  readonly late: number;
}

/** The program of peers/paced-slave.c: a serial bus behind a pseudo terminal, and the one unit on it. */
export class PacedSlave {
  /** The terminal that a master opens. */
  readonly path: string;
  /** All of them once it has measured long enough; rejects when it ends without any. */
  readonly transactions: Promise<readonly PacedTransaction[]>;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, path: string, lines: Interface) {
    this.#process = process;
    this.path = path;
    this.transactions = collect(lines);
    this.transactions.catch(() => undefined);
  }

  static async start(program: string, baudRate: number, seconds: number): Promise<PacedSlave> {
    const child = spawn(program, [String(baudRate), String(seconds)], { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout });
    const [first] = (await once(lines, "line")) as [string];
    return new PacedSlave(child, first, lines);
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }
}

async function collect(lines: Interface): Promise<readonly PacedTransaction[]> {
  const transactions: PacedTransaction[] = [];
  lines.on("line", (line) => {
    const [span = NaN, silence = NaN, late = NaN] = line.split(" ").map((nanoseconds) => Number(nanoseconds) / 1e6);
    transactions.push({ span, silence, late });
  });
  await once(lines, "close");
  if (transactions.length === 0) throw new Error("the slave saw no transactions");
  return transactions;
}
