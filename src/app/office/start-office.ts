import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from "node:worker_threads";
import { type BackoffLimits, fullJitter } from "../../kit/backoff.ts";
import type { Timer } from "../../kit/clock.ts";
import { errorMessage } from "../../kit/error-message.ts";
import { systemRandom } from "../../kit/random.ts";
import { systemClock } from "../../kit/system-clock.ts";
import { between, type Instant, type Ms, ms, plus } from "../../kit/time.ts";
import { NOTHING_RECALLED, type Recalled, type ToScan } from "../../link/messages.ts";
import type { ScanEnd } from "../../link/scan-end.ts";
import { ScanLink, type ScanPort } from "../../link/scan-link.ts";
import { writeFully } from "../logging/write-fully.ts";
import type { OfficeReady } from "./office-ready.ts";
import type { OfficeBrief } from "./office-settings.ts";
import { startWorker } from "./start-worker.ts";

export interface Office {
  readonly link: ScanEnd;
  /** What the store kept when the master ended last. */
  readonly recalled: Recalled;
  /** Settles when the office has ended for good, after `link.stopped()`. */
  readonly ended: Promise<void>;
}

const RESTART: BackoffLimits = { first: ms(500), most: ms(30_000) };
/** An office that ran so long starts the back-off anew. */
const STEADY_AFTER = ms(60_000);
/** What an office gets to set itself up. */
const START_TIME = ms(15_000);
/** What the office gets to flush and end, before it is ended, where nothing else is said. */
const FAREWELL = ms(2000);

/**
 * Starts the office in its worker. When it crashes, scanning goes on: a line says why, and after a pause a new office
 * takes over the link, which then signals `restarted`. Rejects when the first office cannot set itself up.
 */
export async function startOffice(brief: OfficeBrief): Promise<Office> {
  const keeper = new OfficeKeeper(brief);
  await keeper.start();
  return { link: keeper.link, recalled: keeper.recalled, ended: keeper.ended };
}

class OfficeKeeper {
  readonly link = new ScanLink((by) => this.#farewell(by ?? plus(systemClock.now(), FAREWELL)));
  readonly ended: Promise<void>;
  recalled: Recalled = NOTHING_RECALLED;
  readonly #brief: OfficeBrief;
  #end: () => void = () => undefined;
  #worker: Worker | undefined;
  #retry: Timer | undefined;
  #crashes = 0;
  #stopping = false;

  constructor(brief: OfficeBrief) {
    this.#brief = { life: `${Math.round(systemClock.wall())}-${process.pid}`, ...brief };
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      let ready = false;
      this.#launch({
        ready: ({ recalled }) => {
          ready = true;
          this.recalled = recalled;
          resolve();
        },
        gone: (reason, lived) => {
          if (ready) this.#crashed(reason, lived);
          else reject(new Error(`the office did not start: ${reason}`));
        },
      });
    });
  }

  #launch(on: {
    readonly ready: (ready: OfficeReady) => void;
    readonly gone: (reason: string, lived: Ms) => void;
  }): void {
    const { port1, port2 } = new MessageChannel();
    const since = systemClock.now();
    const worker = startWorker(new URL("office", import.meta.url), { brief: this.#brief, port: port2 }, [port2]);
    let reason = "it ended by itself";
    const deadline = systemClock.after("office.start", START_TIME, () => {
      reason = "it took too long";
      terminate(worker);
    });
    worker.once("error", (error) => (reason = errorMessage(error)));
    worker.once("message", (ready: OfficeReady) => {
      deadline.cancel();
      this.link.attach(scanPort(port1));
      on.ready(ready);
    });
    worker.once("exit", () => {
      deadline.cancel();
      this.#worker = undefined;
      this.link.detach();
      port1.close();
      on.gone(reason, between(since, systemClock.now()));
    });
    this.#worker = worker;
  }

  #crashed(reason: string, lived: Ms): void {
    if (this.#stopping) return this.#end();
    this.#crashes = lived >= STEADY_AFTER ? 1 : this.#crashes + 1;
    const pause = fullJitter(this.#crashes, RESTART, systemRandom);
    writeFully(
      2,
      `takt: the office crashed (${reason}); scanning goes on, a new one starts in ${Math.round(pause)} ms\n`,
    );
    this.link.log({ level: "error", event: "office.crashed", fields: { reason } });
    this.#retry = systemClock.after("office.restart", pause, () =>
      this.#launch({
        ready: () => this.link.restarted.emit(undefined),
        gone: (again, livedAgain) => this.#crashed(again, livedAgain),
      }),
    );
  }

  /** Waits for the office that was told to stop; one that does not end in time is ended. */
  async #farewell(by: Instant): Promise<void> {
    this.#stopping = true;
    this.#retry?.cancel();
    const worker = this.#worker;
    if (!worker) {
      this.#end();
      return;
    }
    const left = ms(Math.max(0, between(systemClock.now(), by)));
    const deadline = systemClock.after("office.farewell", left, () => terminate(worker));
    await this.ended;
    deadline.cancel();
  }
}

/** Ends a worker at once; its `exit` event says when it is gone. */
function terminate(worker: Worker): void {
  worker.terminate().catch(() => undefined);
}

function scanPort(port: MessagePort): ScanPort {
  return {
    post: (message) => port.postMessage(message),
    take() {
      const received: { message: ToScan } | undefined = receiveMessageOnPort(port);
      return received?.message;
    },
  };
}
