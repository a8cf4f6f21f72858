import type { Clock, Timer } from "../../kit/clock.ts";
import { err } from "../../kit/result.ts";
import { type Ms, ms, plus } from "../../kit/time.ts";
import type { AccessOutcome, ToScan } from "../../link/messages.ts";
import type { AccessRequest } from "./control-message.ts";

export interface ScanAccessOptions {
  /** False: the scan has not been heard of for too long, and the message was not sent. */
  readonly post: (message: ToScan & { readonly kind: "access" }) => boolean;
  readonly clock: Clock;
}

interface Pending {
  readonly settle: (outcome: AccessOutcome) => void;
  readonly deadline: Timer;
}

const MOST_PENDING = 32;

/** Waiting for its turn on the line may take so long beyond the unit's own time. */
const QUEUE_TIME = ms(5000);

/** Raw requests on their way over the link to the scan, each of which settles once. */
export class ScanAccess {
  readonly #options: ScanAccessOptions;
  readonly #pending = new Map<number, Pending>();
  #last = 0;

  constructor(options: ScanAccessOptions) {
    this.#options = options;
  }

  ask(request: AccessRequest): Promise<AccessOutcome> {
    if (this.#pending.size >= MOST_PENDING) return Promise.resolve(denied("too many requests are under way already"));
    const access = ++this.#last;
    const sendBy = plus(this.#options.clock.now(), QUEUE_TIME);
    if (!this.#options.post({ kind: "access", access, ...request, sendBy }))
      return Promise.resolve(denied("the scan stands still"));
    return new Promise((settle) => {
      const within = ms(request.timeout + QUEUE_TIME);
      const deadline = this.#options.clock.after("raw access", within, () => this.#expire(access, within));
      this.#pending.set(access, { settle, deadline });
    });
  }

  /** The scan's answer; one that comes after its deadline has nobody to go to. */
  accessed(access: number, outcome: AccessOutcome): void {
    const pending = this.#pending.get(access);
    this.#pending.delete(access);
    pending?.deadline.cancel();
    pending?.settle(outcome);
  }

  /** The scan has ended: nothing more will be answered. */
  close(): void {
    for (const access of [...this.#pending.keys()]) {
      this.accessed(access, err({ kind: "lineLost", reason: "the master stops" }));
    }
  }

  #expire(access: number, after: Ms): void {
    this.accessed(access, err({ kind: "timeout", after }));
  }
}

function denied(reason: string): AccessOutcome {
  return err({ kind: "denied", reason });
}
