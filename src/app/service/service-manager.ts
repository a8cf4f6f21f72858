import { spawn } from "node:child_process";
import type { Clock } from "../../kit/clock.ts";
import type { Logger } from "../../kit/logger.ts";
import { feedInterval, Supervisor, type Teller } from "./supervisor.ts";

/**
 * Node cannot send the datagrams that systemd listens for, and starting `systemd-notify` stops our thread for
 * milliseconds. So a shell is started once, and starts it for each line it is given; its own line says that it did.
 */
const FORWARD = 'while read -r state; do systemd-notify "$state"; echo; done';

export interface ServiceManager {
  readonly supervisor: Supervisor;
  readonly close: () => void;
}

export interface ServiceManagerOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The service manager that waits for our word (`NOTIFY_SOCKET`), if any. To be called before the scan begins. */
export function serviceManager({ env, pid, clock, logger }: ServiceManagerOptions): ServiceManager | undefined {
  if (!env["NOTIFY_SOCKET"]) return undefined;
  const { tell, close } = openForwarder(logger);
  return { supervisor: new Supervisor(tell, { clock, feedEvery: feedInterval(env, pid) }), close };
}

/** Never blocks: one state at a time is on its way, so that none is told long after it was true. */
function openForwarder(logger: Logger): { readonly tell: Teller; readonly close: () => void } {
  const child = spawn("sh", ["-c", FORWARD], { stdio: ["pipe", "pipe", "inherit"] });
  let busy = false;
  let closed = false;
  const gone = (reason: string): void => {
    if (!closed) logger.warn("service.untold", { reason });
    closed = true;
  };
  child.stdin.on("error", () => undefined);
  child.stdout.on("data", () => (busy = false));
  child.once("error", (error) => gone(error.message));
  child.once("exit", (code, signal) =>
    gone(`the program that tells the service manager ended (${code ?? signal ?? ""})`),
  );
  return {
    tell(state) {
      if (closed || (busy && state !== "STOPPING=1")) return false;
      busy = true;
      child.stdin.write(`${state}\n`);
      return true;
    },
    close() {
      closed = true;
      child.stdin.end();
      child.stdout.destroy();
      child.unref();
    },
  };
}
