import { lookup } from "node:dns/promises";
import type { Clock } from "../../kit/clock.ts";
import { formatDuration } from "../../kit/duration.ts";
import { between, type Instant, ms, plus } from "../../kit/time.ts";

/** All names of one search are resolved within this: a name server that is away takes many times as long to give up. */
const LOOKUP_TIME = ms(3000);

/** Every address that a name has; rejects where there is no such name. */
export type Lookup = (name: string) => Promise<readonly string[]>;

const systemLookup: Lookup = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);

export interface HostNamesOptions {
  readonly clock: Clock;
  /** Told of a name that is not resolved in time. */
  readonly warn: (text: string) => void;
  /** This machine's where none is given. */
  readonly lookup?: Lookup | undefined;
}

/** Tells whether two names are of one machine; asks for each of them once. */
export class HostNames {
  readonly #options: HostNamesOptions;
  readonly #until: Instant;
  readonly #known = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(options: HostNamesOptions) {
    this.#options = options;
    this.#until = plus(options.clock.now(), LOOKUP_TIME);
  }

  async areSame(one: string, other: string): Promise<boolean> {
    const [name, otherName] = [one.toLowerCase(), other.toLowerCase()];
    if (name === otherName) return true;
    const [some, others] = await Promise.all([this.#addressesOf(name), this.#addressesOf(otherName)]);
    return [...some].some((address) => others.has(address));
  }

  /** The name and its addresses; all of this machine's loopback addresses are one. */
  #addressesOf(name: string): Promise<ReadonlySet<string>> {
    const known = this.#known.get(name) ?? this.#resolve(name);
    this.#known.set(name, known);
    return known;
  }

  #resolve(name: string): Promise<ReadonlySet<string>> {
    const { clock, warn, lookup: ask = systemLookup } = this.#options;
    return new Promise((resolve) => {
      const settle = (addresses: readonly string[]): void => {
        deadline.cancel();
        resolve(new Set([name, ...addresses].map(sameLoopback)));
      };
      const deadline = clock.after("name lookup", between(clock.now(), this.#until), () => {
        warn(
          `${name}: no name server said within ${formatDuration(LOOKUP_TIME)} which address that is, so a running master that has it under another name is not noticed`,
        );
        settle([]);
      });
      ask(name).then(settle, () => settle([]));
    });
  }
}

function sameLoopback(address: string): string {
  return address === "localhost" || address === "::1" || address === "127.0.0.1" ? "localhost" : address;
}
