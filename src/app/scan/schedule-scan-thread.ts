import { spawn } from "node:child_process";
import type { Settings } from "../../config/settings/settings.ts";
import type { Clock } from "../../kit/clock.ts";
import { type Ms, ms } from "../../kit/time.ts";
import type { Scheduling } from "../../link/scheduling.ts";

/** Of 1..99: above everything ordinary, below the kernel's own interrupt threads (50). */
const PRIORITY = 10;

const MEND = `give the service LimitRTPRIO=${PRIORITY} or CAP_SYS_NICE (docs/operations.md)`;

/** What `chrt` gets; it takes some milliseconds. */
const PATIENCE = ms(1000);

export interface SchedulingOptions {
  readonly clock: Clock;
  /** Sets policies as util-linux's `chrt` does. */
  readonly program?: string;
  readonly patience?: Ms;
}

/**
 * Asks for real-time priority for the main thread alone. To be called before the scan begins: starting a program stops
 * the thread for some milliseconds. Never rejects, and settles within `patience`.
 *
 * The main thread's id is the process's. `--reset-on-fork`: threads and programs started by it later are scheduled as
 * everything else (sched(7)), a new office among them.
 */
export async function scheduleScanThread(
  wanted: Settings["scan"]["realTime"],
  { clock, program = "chrt", patience = PATIENCE }: SchedulingOptions,
): Promise<Scheduling> {
  if (wanted === "off") return { mode: "normal", reason: "scan.realTime is off" };
  const args = ["--fifo", "--reset-on-fork", "--pid", String(PRIORITY), String(process.pid)];
  const reason = await complaint(program, args, { clock, patience });
  return reason === undefined ? { mode: "fifo", priority: PRIORITY } : { mode: "normal", reason, mend: MEND };
}

/** Runs a program; undefined when it did what it was told, else why not. */
function complaint(
  program: string,
  args: readonly string[],
  { clock, patience }: { readonly clock: Clock; readonly patience: Ms },
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    const deadline = clock.after("chrt", patience, () => {
      child.kill("SIGKILL");
      child.unref();
      child.stderr.destroy();
      settle(`${program} did not end within ${patience} ms`);
    });
    const settle = (reason: string | undefined): void => {
      deadline.cancel();
      resolve(reason);
    };
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(0, 400)));
    child.once("error", (error) => settle(isMissing(error) ? `${program} is not installed` : error.message));
    child.once("close", (code) =>
      settle(code === 0 ? undefined : said.trim() || `${program} ended with ${code ?? "a signal"}`),
    );
  });
}

function isMissing(error: NodeJS.ErrnoException): boolean {
  return error.code === "ENOENT";
}
