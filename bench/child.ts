import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The program and arguments that start a TypeScript file of this folder. */
export function script(name: string, ...args: readonly (string | number)[]): [string, string[]] {
  const path = fileURLToPath(new URL(name, import.meta.url));
  return [process.execPath, ["--import", "tsx", path, ...args.map(String)]];
}

/** Runs a program to its end and gives what it printed, as numbers. */
export async function measure([program, args]: [string, string[]]): Promise<number[]> {
  const { stdout } = await run(program, args);
  return stdout.trim().split(/\s+/).map(Number);
}

/** Runs a program that prints a line when it begins to measure, and what it measured as JSON in another. */
export async function measuring<T>([program, args]: [string, string[]], begun: () => void): Promise<T> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  let last = "";
  for await (const line of createInterface({ input: child.stdout })) {
    if (last === "") begun();
    last = line;
  }
  return JSON.parse(last) as T;
}

/** Starts a program that prints one line of numbers (its ports) and then serves until it is killed. */
export async function serve([program, args]: [string, string[]]): Promise<{ process: ChildProcess; ports: number[] }> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    return { process: child, ports: line.split(" ").map(Number) };
  }
  throw new Error(`${program} ended without naming its port`);
}

/** Ends such a program by SIGTERM and gives the numbers that it prints then. */
export async function finish(child: ChildProcess): Promise<number[]> {
  child.kill("SIGTERM");
  const said = child.stdout ? (await text(child.stdout)).trim() : "";
  return said === "" ? [] : said.split(/\s+/).map(Number);
}
