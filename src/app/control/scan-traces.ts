import type { Clock, Timer } from "../../kit/clock.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { ms } from "../../kit/time.ts";
import type { ToScan, TracedFrames } from "../../link/messages.ts";

export interface ScanTracesOptions {
  /** False: the scan has not been heard of for too long, and the message was not sent. */
  readonly post: (message: ToScan & { readonly kind: "trace" }) => boolean;
  readonly clock: Clock;
}

interface Pending {
  readonly settle: (traced: Result<TracedFrames, string>) => void;
  readonly deadline: Timer;
}

const MOST_PENDING = 16;

/** The scan answers at its next latch. */
const PATIENCE = ms(3000);

/** Questions for the frames of a line on their way over the link to the scan, each of which settles once. */
export class ScanTraces {
  readonly #options: ScanTracesOptions;
  readonly #pending = new Map<number, Pending>();
  #last = 0;

  constructor(options: ScanTracesOptions) {
    this.#options = options;
  }

  ask(line: string): Promise<Result<TracedFrames, string>> {
    if (this.#pending.size >= MOST_PENDING) return Promise.resolve(err("too many watch already"));
    const trace = ++this.#last;
    if (!this.#options.post({ kind: "trace", trace, line })) return Promise.resolve(err("the scan stands still"));
    return new Promise((settle) => {
      const deadline = this.#options.clock.after("trace", PATIENCE, () =>
        this.#settle(trace, err("the scan does not answer")),
      );
      this.#pending.set(trace, { settle, deadline });
    });
  }

  traced(trace: number, traced: TracedFrames | undefined): void {
    this.#settle(trace, traced ? ok(traced) : err("the master has no such line"));
  }

  close(): void {
    for (const trace of [...this.#pending.keys()]) this.#settle(trace, err("the master stops"));
  }

  #settle(trace: number, traced: Result<TracedFrames, string>): void {
    const pending = this.#pending.get(trace);
    this.#pending.delete(trace);
    pending?.deadline.cancel();
    pending?.settle(traced);
  }
}
