import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
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

/** Starts a program that prints one line of numbers (its ports) and then serves until it is killed. */
export async function serve([program, args]: [string, string[]]): Promise<{ process: ChildProcess; ports: number[] }> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    return { process: child, ports: line.split(" ").map(Number) };
  }
  throw new Error(`${program} ended without naming its port`);
}
