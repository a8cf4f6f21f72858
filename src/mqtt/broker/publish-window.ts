import type { Clock } from "../../kit/clock.ts";
import { PassingSet } from "../../kit/passing-set.ts";
import type { Ms } from "../../kit/time.ts";
import type { Broker, Publication } from "./broker.ts";
import { packetBytes } from "./broker-limits.ts";

/** What is to be published, and where it goes back to when nobody knows whether the broker has it. */
export interface PublicationSource<Payload extends string | Uint8Array = string> {
  /** Undefined: nothing is due. */
  next(): Publication<Payload> | undefined;
  /** Gets what the broker would not take: it is larger than a packet may be. */
  tooLarge(publication: Publication<Payload>): void;
  /** The broker has it, or refuses it for good. */
  settled?(publication: Publication<Payload>): void;
  /** Takes back, oldest first, what was in flight when the connection broke. */
  putBack(publications: readonly Publication<Payload>[]): void;
}

/** Hands publications to the broker as long as it keeps up: so many may be unacknowledged, and none while it is away. */
export class PublishWindow<Payload extends string | Uint8Array = string> {
  readonly #broker: Broker<Payload>;
  readonly #clock: Clock;
  readonly #source: PublicationSource<Payload>;
  /** Oldest first. */
  readonly #inFlight = new PassingSet<Publication<Payload>>();
  #size = 0;
  #maximumPacket = Infinity;
  #published = 0;
  #refused = 0;
  /** Called when nothing is due or in flight any more. */
  #idle: () => void = () => undefined;

  constructor(broker: Broker<Payload>, clock: Clock, source: PublicationSource<Payload>) {
    this.#broker = broker;
    this.#clock = clock;
    this.#source = source;
  }

  get isOpen(): boolean {
    return this.#size > 0;
  }

  get counters(): { readonly published: number; readonly refused: number; readonly inFlight: number } {
    return { published: this.#published, refused: this.#refused, inFlight: this.#inFlight.size };
  }

  /** Published, and not acknowledged; oldest first. */
  get unacknowledged(): readonly Publication<Payload>[] {
    return [...this.#inFlight];
  }

  /** A new connection. */
  open({ window, maximumPacket }: { readonly window: number; readonly maximumPacket: number }): void {
    this.close();
    this.#size = window;
    this.#maximumPacket = maximumPacket;
  }

  /** The connection is gone, and with it every acknowledgement that was still to come. */
  close(): void {
    this.#size = 0;
    this.#source.putBack([...this.#inFlight]);
    this.#inFlight.clear();
  }

  /** Publishes what is due, as far as the window allows; goes on by itself as the broker acknowledges. */
  pump(): void {
    while (this.#inFlight.size < this.#size) {
      const due = this.#source.next();
      if (!due) break;
      const publication = this.#fitting(due);
      if (!publication) {
        this.#source.tooLarge(due);
        continue;
      }
      this.#inFlight.add(publication);
      this.#published++;
      this.#broker.publish(publication, (accepted) => {
        this.#inFlight.delete(publication);
        if (!accepted) this.#refused++;
        this.#source.settled?.(publication);
        this.pump();
      });
    }
    if (this.#inFlight.size === 0) this.#idle();
  }

  /** As much of it as the broker takes; undefined: nothing. */
  #fitting(publication: Publication<Payload>): Publication<Payload> | undefined {
    const { shortened: payload, ...whole } = publication;
    if (packetBytes(publication) <= this.#maximumPacket) return publication;
    const short = payload === undefined ? undefined : { ...whole, payload };
    return short && packetBytes(short) <= this.#maximumPacket ? short : undefined;
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
