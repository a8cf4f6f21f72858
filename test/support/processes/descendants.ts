import { readdirSync, readFileSync } from "node:fs";

/** A `before` hook: skips, by name, what looks at processes where there is no /proc to look at. */
export function needsProcesses(this: Mocha.Context): void {
  if (process.platform !== "linux") this.skip();
}

/** All processes below one: its children, theirs, and so on. */
export function descendants(pid: number): readonly number[] {
  const parents = new Map(processes().map((child) => [child.pid, child.parent]));
  const below = (candidate: number): boolean => {
    const parent = parents.get(candidate);
    return parent !== undefined && (parent === pid || below(parent));
  };
  return [...parents.keys()].filter(below);
}

/** Those of `pids` that still run. */
export function alive(pids: readonly number[]): readonly number[] {
  const running = new Set(processes().flatMap(({ pid, state }) => (state === "Z" ? [] : [pid])));
  return pids.filter((pid) => running.has(pid));
}

interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  /** `Z`: it has ended and nobody asked how. */
  readonly state: string;
}

function processes(): readonly RunningProcess[] {
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    const found = Number.isInteger(pid) ? statOf(pid) : undefined;
    return found ? [found] : [];
  });
}

/** proc(5): `pid (command) state parent …`; the command may hold anything. */
function statOf(pid: number): RunningProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state = "", parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { pid, parent: Number(parent), state };
  } catch {
    return undefined; // it has ended meanwhile
  }
}
