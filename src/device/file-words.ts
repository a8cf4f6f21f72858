import { z } from "zod";
import { DURATION_PATTERN, parseDuration } from "../kit/duration.ts";
import { parseRate, type PerSecond, perSecond, RATE_PATTERN } from "../kit/rate.ts";
import { type Ms, ms } from "../kit/time.ts";

/*
 * The words of the files people write. The message of a check is a predicate ("is no duration"): the reader of the
 * file puts the key and the value in front of it.
 */

/** A map with these keys and no others. The message of an unknown key is the list of the known ones. */
export function fields<S extends z.core.$ZodLooseShape>(shape: S): z.ZodObject<S, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? Object.keys(shape).join(" ") : undefined),
  });
}

/** Longer ones than this overflow Node's timers (2^31 ms) and would fire at once. */
export const LONGEST_SPAN = ms(24 * 86_400_000);

/** `20ms`, `1.5s`: more than nothing unless `least` is zero, and at most 24 days. */
export function duration(least: "positive" | "zero" = "positive") {
  const message = "is no duration; write a number and a unit, as in 20ms, 1.5s, 10min";
  const schema = z
    .string({ error: (issue) => (issue.input === undefined ? undefined : message) })
    .regex(DURATION_PATTERN, message)
    .transform((text): Ms => parseDuration(text) ?? ms(0))
    .refine((span) => span <= LONGEST_SPAN, { message: "is too long; 24d is the longest" });
  return least === "zero" ? schema : schema.refine((span) => span > 0, { message: "is too short; it must be above 0" });
}

/** `0.5/s`, `30/min`: above 0. */
export function rate() {
  const message = "is no rate; write a number and per what time, as in 0.5/s, 30/min";
  return z
    .string({ error: (issue) => (issue.input === undefined ? undefined : message) })
    .regex(RATE_PATTERN, message)
    .transform((text): PerSecond => parseRate(text) ?? perSecond(0))
    .refine((given) => given > 0, { message: "is too slow; it must be above 0" });
}

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number) {
  const message = `is outside ${least}..${most}`;
  return z
    .int({ error: (issue) => (typeof issue.input === "number" ? `is no whole number` : undefined) })
    .min(least, message)
    .max(most, message);
}

/** Names become parts of MQTT topics: letters, digits, `-`, `_`, beginning with a letter or a digit. */
export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export const NAME_RULE = "is no name; use letters, digits, - and _, at most 64, beginning with a letter or digit";

export function name() {
  return z.string().regex(NAME_PATTERN, NAME_RULE);
}

/** A text with something in it. */
export const text = z.string().regex(/\S/, "is empty");

/** Lowest and highest, as in [0, 2]. */
export function bounds() {
  return z
    .tuple([z.number(), z.number()])
    .refine(([min, max]) => min <= max, { message: "is upside down; write [lowest, highest]" });
}

/** What a tag may be worth in a file: judged against its tag later. */
export const value = z
  .unknown()
  .refine((given) => given !== null, { message: "is no value; write one, or take the key away" });

/** A host by name or address; its port has a key of its own. */
export const hostName = text.superRefine((host, context) => {
  const fault = hostFault(host);
  if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
});

function hostFault(host: string): string | undefined {
  if (host.includes("://")) return "is no host; write the name or address alone";
  const [, bare, port] = /^(?:([^:]+)|\[.*\]):(\d*)$/.exec(host) ?? [];
  if (port !== undefined)
    return `is a host with its port; write host: ${bare ?? host.slice(1, host.indexOf("]"))}, port: ${port}`;
  return /^\[.*\]$/.test(host) ? "is in brackets; an IPv6 address is written without" : undefined;
}
