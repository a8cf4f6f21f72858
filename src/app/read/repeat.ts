import type { Clock } from "../../kit/clock.ts";
import { between, type Ms, ms, type WallTime } from "../../kit/time.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";

/** Runs `once` every `period`, failures notwithstanding, until SIGINT or SIGTERM; ends as the last of them. */
export async function untilInterrupted(once: () => Promise<ExitCode>, period: Ms, clock: Clock): Promise<ExitCode> {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  process.on("SIGINT", abort).on("SIGTERM", abort);
  let code: ExitCode = EXIT.done;
  while (!stop.signal.aborted) {
    const begun = clock.now();
    code = await once();
    await pause(ms(period - between(begun, clock.now())), clock, stop.signal);
  }
  process.off("SIGINT", abort).off("SIGTERM", abort);
  return code;
}

function pause(span: Ms, clock: Clock, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = clock.after("read again", span, done);
    stop.addEventListener("abort", done);
    function done(): void {
      timer.cancel();
      stop.removeEventListener("abort", done);
      resolve();
    }
  });
}

/** The time of day in front of what is read repeatedly, in UTC; nothing in front of what is read once. */
export function timeMark(repeat: Ms | undefined, now: WallTime): string {
  return repeat === undefined ? "" : `${new Date(now).toISOString().slice(11, 23)}  `;
}
