import type { Finding } from "../../device/finding.ts";
import { child, entriesOf, type Located, type LocatedEntry, type Place, plain } from "../source/located.ts";
import { shown } from "../source/sentences.ts";
import {
  type Bindings,
  fill,
  hasPlaceholder,
  isPlaceholderName,
  type PlaceholderMistake,
  substitute,
} from "../profile/substitute.ts";

/** One device as written, or one of the many that a `repeat` stands for. */
export interface DeviceEntry {
  readonly name: string;
  /** The key in the file: `meter-${n}`. */
  readonly key: string;
  readonly node: Located;
  readonly mistakes: readonly PlaceholderMistake[];
}

export interface Expansion {
  readonly entries: readonly DeviceEntry[];
  /** Paths begin at the map of devices. */
  readonly findings: readonly Finding[];
}

/** Most devices one `repeat` may stand for: the units of a line. */
const MOST_REPEATS = 256;

/** The devices of a plant, every `repeat` worked off. */
export function expandRepeats(devices: Located | undefined): Expansion {
  const parts = entriesOf(devices).map(([key, entry]) => expandOne(key, entry));
  return { entries: parts.flatMap(({ entries }) => entries), findings: parts.flatMap(({ findings }) => findings) };
}

function expandOne(key: string, { keyAt, value: node }: LocatedEntry): Expansion {
  const repeat = child(node, "repeat");
  if (!repeat || node.kind !== "map") return { entries: [instance(key, keyAt, node, new Map())], findings: [] };
  const rest: Located = { ...node, entries: new Map([...node.entries].filter(([name]) => name !== "repeat")) };
  const range = readRange(repeat);
  if (typeof range === "string") return fault(key, range);
  const { name, first, last } = range;
  if (!hasPlaceholder(key)) return fault(key, `the name has to tell the devices apart: ${key}-\${${name}}`);
  const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return { entries: numbers.map((number) => instance(key, keyAt, rest, new Map([[name, number]]))), findings: [] };
}

function fault(key: string, message: string): Expansion {
  return { entries: [], findings: [{ path: [key, "repeat"], message: `device ${key}: repeat: ${message}` }] };
}

function instance(key: string, keyAt: Place, node: Located, bindings: Bindings): DeviceEntry {
  const mistakes: PlaceholderMistake[] = [];
  const report = (mistake: PlaceholderMistake): void => void mistakes.push(mistake);
  const filled = substitute(node, bindings, report);
  return { name: String(fill(key, bindings, keyAt, report)), key, node: filled, mistakes };
}

interface RepeatRange {
  readonly name: string;
  readonly first: number;
  readonly last: number;
}

const REPEAT_RULE = "write one name and its range, as in { n: 1..30 }";

function readRange(repeat: Located): RepeatRange | string {
  const [entry, ...more] = entriesOf(repeat);
  const name = entry?.[0] ?? "";
  const value = entry?.[1].value;
  const written = value?.kind === "scalar" ? String(value.value) : "";
  const match = /^(\d{1,5})\.\.(\d{1,5})$/.exec(written);
  if (!entry || more.length > 0) return `${shown(plain(repeat))} is no range; ${REPEAT_RULE}`;
  if (!match) return `${name}: ${value ? shown(plain(value)) : "nothing"} is no range; ${REPEAT_RULE}`;
  if (!isPlaceholderName(name)) return `no placeholder can reach "${name}"; begin it with a letter`;
  const first = Number(match[1]);
  const last = Number(match[2]);
  if (last < first) return `${written} ends before it begins`;
  return last - first < MOST_REPEATS ? { name, first, last } : `${written} are more than ${MOST_REPEATS} devices`;
}
