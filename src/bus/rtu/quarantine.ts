import type { Instant } from "../../kit/time.ts";

/**
 * Units whose answer may still be on its way: frames of RTU have no id, so that a late one would pass for the answer
 * to the next request.
 */
export class Quarantine {
  readonly #until = new Map<number, Instant>();

  /** Nothing is asked of `unit` before `until`. */
  add(unit: number, until: Instant): void {
    const known = this.#until.get(unit);
    if (known === undefined || known < until) this.#until.set(unit, until);
  }

  admits(unit: number, now: Instant): boolean {
    const until = this.#until.get(unit);
    return until === undefined || until <= now;
  }

  /** The first that ends after `now`. */
  earliestEnd(now: Instant): Instant | undefined {
    let earliest: Instant | undefined;
    for (const until of this.#until.values()) {
      if (until > now && (earliest === undefined || until < earliest)) earliest = until;
    }
    return earliest;
  }
}
