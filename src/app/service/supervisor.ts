import type { Clock } from "../../kit/clock.ts";
import { type Instant, type Ms, ms, plus } from "../../kit/time.ts";

/** What a service manager wants to hear (sd_notify(3)). */
export type ServiceState = "READY=1" | "WATCHDOG=1" | "STOPPING=1";

/** The way to the service manager; false: it is still busy with what it was told before. */
export type Teller = (state: ServiceState) => boolean;

/** Tells the service manager that started us how it goes: nothing but completed cycles keeps its watchdog quiet. */
export class Supervisor {
  readonly #tell: Teller;
  readonly #clock: Clock;
  readonly #feedEvery: Ms;
  /** Undefined: not told yet that the service is ready, from which the watchdog counts. */
  #feedAt: Instant | undefined;

  constructor(tell: Teller, { clock, feedEvery }: { readonly clock: Clock; readonly feedEvery: Ms }) {
    this.#tell = tell;
    this.#clock = clock;
    this.#feedEvery = feedEvery;
  }

  /** A cycle was completed: the first makes the service ready, others feed the watchdog when it is time. */
  completed(): void {
    const now = this.#clock.now();
    if (this.#feedAt !== undefined && now < this.#feedAt) return;
    if (this.#tell(this.#feedAt === undefined ? "READY=1" : "WATCHDOG=1")) this.#feedAt = plus(now, this.#feedEvery);
  }

  stopping(): void {
    this.#tell("STOPPING=1");
  }
}

/** A third of what the watchdog allows; where there is none for us, never. */
export function feedInterval(env: Readonly<Record<string, string | undefined>>, pid: number): Ms {
  const allowed = Number(env["WATCHDOG_USEC"]) / 1000;
  const ours = (env["WATCHDOG_PID"] ?? String(pid)) === String(pid);
  return ms(ours && allowed > 0 ? allowed / 3 : Infinity);
}
