import { parseDuration } from "../../kit/duration.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { type Ms, ms, type WallTime, wallTime } from "../../kit/time.ts";
import type { Received } from "../broker/broker.ts";

const DEFAULT_TTL = ms(5000);
const LONGEST_TTL = ms(3_600_000);

/** Until when a request is meant. */
export interface Lifetime {
  /** How long it may wait from when it is read. */
  readonly ttl: Ms;
  /** Not to be carried out any more by then; undefined: the time to live alone counts. */
  readonly notAfter: WallTime | undefined;
}

/** Reads `ttl` and `notAfter`; the failure is a sentence. */
export function parseLifetime(fields: ReadonlyMap<string, unknown>): Result<Lifetime, string> {
  const ttl = parseTtl(fields.get("ttl"));
  if (!ttl.ok) return ttl;
  const notAfter = fields.get("notAfter");
  if (notAfter === undefined) return ok({ ttl: ttl.value, notAfter });
  if (!isTime(notAfter)) return err(`"notAfter" has to be a time in milliseconds since 1970`);
  return ok({ ttl: ttl.value, notAfter: wallTime(notAfter) });
}

function parseTtl(json: unknown): Result<Ms, string> {
  if (json === undefined) return ok(DEFAULT_TTL);
  const ttl = typeof json === "string" ? parseDuration(json) : undefined;
  if (ttl === undefined) return err(`"ttl" has to be a duration as in "2s"`);
  if (ttl <= 0 || ttl > LONGEST_TTL) return err(`"ttl" has to be more than 0 and at most 1h`);
  return ok(ttl);
}

function isTime(json: unknown): json is number {
  return typeof json === "number" && Number.isFinite(json) && json > 0;
}

/** How long a request may still wait: its time to live, its `notAfter` or its message's expiry, whichever ends first. */
export function lifetimeOf({ ttl, notAfter }: Lifetime, { expiry }: Received, wall: WallTime): Ms {
  return ms(Math.min(ttl, (expiry ?? Infinity) * 1000, (notAfter ?? Infinity) - wall));
}
