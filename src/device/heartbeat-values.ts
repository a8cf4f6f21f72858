import { err, ok, type Result } from "../kit/result.ts";
import { NUMERIC_WORDS, registerCodec } from "../modbus/register-codec.ts";
import type { Value } from "./quality.ts";
import { registerFormat, type ScalarCodec, scalarCodec } from "./scalar-codec.ts";
import { sentinelsOf } from "./sentinel.ts";
import { tagCodec } from "./tag-codec.ts";
import type { Range, Tag } from "./tag.ts";

/** What a heartbeat writes in turn: one value after the other, always another one on the wire than the one before. */
export type HeartbeatValues = () => Value;

/** A counter that turns round well within a signed register. */
const LONGEST_TURN = 32_768;

/** Whole numbers up to here differ in every type, a float32 included. */
const MOST_EXACT = 2 ** 24;

/**
 * The values of a heartbeat in `tag`: a bool toggles, a number counts in raw steps from the least that may be written
 * (not below raw 0 where nothing narrows it) and begins anew at the end. Or why the tag cannot beat, to be read after
 * its name. The tag is sound by itself ({@link checkTag}).
 */
export function heartbeatValues(tag: Tag): Result<HeartbeatValues, string> {
  if (tag.count !== undefined) return err("is an array; a heartbeat is one bool or one number");
  if (tag.type === "bool") return ok(toggle());
  if (!(tag.type in NUMERIC_WORDS)) return err(`is of type ${tag.type}; a heartbeat is a bool or a number`);
  const scalars = scalarCodec(tag, registerCodec(registerFormat(tag)));
  const turn = turnOf(tag, scalars);
  if (!turn || turn.length < 2) return err("has no two whole raw values that may be written; a heartbeat needs them");
  const { first, last, skipped } = turn;
  const valueAt = (raw: number): Value | undefined => scalars.toValue(isLong(tag) ? BigInt(raw) : raw);
  const ends = [...new Set([first, first + 1, last - 1, last])];
  const distinct = new Set(ends.map(valueAt)).size === ends.length;
  if (!distinct || !ends.every((raw) => skipped.has(raw) || survives(tag, valueAt(raw)))) {
    return err("does not hold one raw value beside the next with its scale; a heartbeat could stand still");
  }
  return ok(count(turn, valueAt));
}

function toggle(): HeartbeatValues {
  let next = true;
  return () => {
    const value = next;
    next = !next;
    return value;
  };
}

interface Turn {
  readonly first: number;
  readonly last: number;
  /** Raw values that mean "no value". */
  readonly skipped: ReadonlySet<number>;
  readonly length: number;
}

function count({ first, last, skipped }: Turn, valueAt: (raw: number) => Value | undefined): HeartbeatValues {
  let raw = first;
  return () => {
    do raw = raw >= last ? first : raw + 1;
    while (skipped.has(raw));
    return valueAt(raw) ?? raw;
  };
}

/** The whole raw numbers that the tag holds and that its ranges allow; undefined where they are beyond all counting. */
function turnOf(tag: Tag, scalars: ScalarCodec): Turn | undefined {
  const { range } = registerCodec(registerFormat(tag));
  if (!range) return undefined;
  const bounds = [tag.write?.range, tag.valid].flatMap((each) => (each ? [rawBounds(tag, each, scalars)] : []));
  const low = Math.max(Number(range.min), ...bounds.map(({ min }) => min));
  const high = Math.min(Number(range.max), ...bounds.map(({ max }) => max));
  const first = tag.write?.range ? low : Math.max(low, Math.min(0, high));
  const last = Math.min(high, first + LONGEST_TURN - 1);
  if (Math.max(Math.abs(first), Math.abs(last)) > MOST_EXACT) return undefined;
  const sentinels = [...sentinelsOf(tag)].map(Number).filter((raw) => raw >= first && raw <= last);
  return { first, last, skipped: new Set(sentinels), length: last - first + 1 - new Set(sentinels).size };
}

/** The whole raw numbers within a range of engineering values. */
function rawBounds({ scale, offset }: Tag, range: Range, scalars: ScalarCodec): Range {
  const ends = [(range.min - offset) / scale, (range.max - offset) / scale].toSorted((a, b) => a - b);
  const allowed = (raw: number): boolean => {
    const value = Number(scalars.toValue(raw));
    return value >= range.min && value <= range.max;
  };
  // the division may be off by the last bit; the codec's own arithmetic decides
  const [low = 0, high = 0] = ends;
  const min = allowed(Math.round(low)) ? Math.round(low) : Math.floor(low) + 1;
  const max = allowed(Math.round(high)) ? Math.round(high) : Math.ceil(high) - 1;
  return { min, max };
}

function isLong({ type }: Tag): boolean {
  return type === "int64" || type === "uint64" || type === "bcd64";
}

/** Whether a value comes back from its registers as it went in. */
function survives(tag: Tag, value: Value | undefined): boolean {
  if (value === undefined) return false;
  const codec = tagCodec(tag);
  const encoded = codec.encode(value);
  if (!encoded.ok || codec.kind !== "registers") return false;
  return codec.decode(encoded.value.map(Number), 0).value === value;
}
