import { type Instant, type Ms, plus } from "../../kit/time.ts";

export interface BrokerWatchOptions {
  /** Without the broker for so long outputs go to their safe values; undefined: never. */
  readonly safeAfter: Ms | undefined;
  /** Called once for each such absence. */
  readonly lost: () => void;
}

/** Watches how long nobody could have commanded the plant over MQTT. A broker that was never there is not missed. */
export class BrokerWatch {
  readonly #options: BrokerWatchOptions;
  /** Undefined: it is there, was never there, or what was to be done is done. */
  #missedSince: Instant | undefined;
  #wasThere = false;

  constructor(options: BrokerWatchOptions) {
    this.#options = options;
  }

  heard(up: boolean, now: Instant): void {
    if (up) this.#missedSince = undefined;
    else if (this.#wasThere) this.#missedSince = now;
    this.#wasThere = up;
  }

  step(now: Instant): void {
    const { safeAfter, lost } = this.#options;
    if (safeAfter === undefined || this.#missedSince === undefined || now < plus(this.#missedSince, safeAfter)) return;
    this.#missedSince = undefined;
    lost();
  }
}
