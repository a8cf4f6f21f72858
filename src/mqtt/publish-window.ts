import type { Clock } from "../kit/clock.ts";
import type { Ms } from "../kit/time.ts";
import type { Broker, Publication } from "./broker.ts";

/** Hands publications to the broker as long as it keeps up: so many may be unacknowledged, and none while it is away. */
export class PublishWindow {
  readonly #broker: Broker;
  readonly #clock: Clock;
  /** What is to be published next; undefined: nothing. */
  readonly #next: () => Publication | undefined;
  #size = 0;
  #inFlight = 0;
  #published = 0;
  #refused = 0;
  /** Called when nothing is due or in flight any more. */
  #idle: () => void = () => undefined;

  constructor(broker: Broker, clock: Clock, next: () => Publication | undefined) {
    this.#broker = broker;
    this.#clock = clock;
    this.#next = next;
  }

  get isOpen(): boolean {
    return this.#size > 0;
  }

  get counters(): { readonly published: number; readonly refused: number; readonly inFlight: number } {
    return { published: this.#published, refused: this.#refused, inFlight: this.#inFlight };
  }

  /** A new connection: nothing of an old one is in flight. */
  open(size: number): void {
    this.#size = size;
    this.#inFlight = 0;
  }

  close(): void {
    this.open(0);
  }

  /** Publishes what is due, as far as the window allows; goes on by itself as the broker acknowledges. */
  pump(): void {
    while (this.#inFlight < this.#size) {
      const publication = this.#next();
      if (!publication) break;
      this.#inFlight++;
      this.#published++;
      this.#broker.publish(publication, (accepted) => {
        this.#inFlight--;
        if (!accepted) this.#refused++;
        this.pump();
      });
    }
    if (this.#inFlight === 0) this.#idle();
  }

  /** Pumps until nothing is due or in flight, at most until `deadline`. */
  flush(deadline: Ms): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.after("mqtt.flush", deadline, resolve);
      this.#idle = () => {
        timer.cancel();
        resolve();
      };
      this.pump();
    });
  }
}
