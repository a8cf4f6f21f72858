import { formatDuration } from "../../kit/duration.ts";
import { type Ms, ms } from "../../kit/time.ts";
import { about, type Finding } from "../../device/finding.ts";
import { ON_DEMAND, ONCE } from "../../device/tag.ts";
import { child, entriesOf, type Located } from "../source/located.ts";
import type { ScanSettings } from "./plant.ts";
import { type ScanFile, scanSchema } from "./plant-schema.ts";
import { readPart } from "../source/read-part.ts";

const DEFAULT_PERIOD = ms(20);
/** Timers tick in milliseconds: with nothing else to do, 16 % of the cycles of 1 ms and 5 % of those of 2 ms were skipped. */
const SHORTEST_PERIOD = ms(5);
const TOO_SHORT = "period is below 5ms: timers tick in milliseconds, and cycles would be skipped (at 1ms 16 % of them)";
const DEFAULT_CLASSES = { fast: ms(0), normal: ms(100), slow: ms(1000) };

export interface ScanReading {
  /** With defaults for what could not be read. */
  readonly value: ScanSettings;
  /** Paths begin at the plant. */
  readonly findings: readonly Finding[];
}

/** Reads the scan period and the classes of a plant, and whether these are multiples of that. */
export function readScan(node: Located | undefined): ScanReading {
  const part = node ? readPart(scanSchema, node) : { value: {} as Partial<ScanFile>, findings: [], failed: new Set() };
  const period = part.value.period ?? DEFAULT_PERIOD;
  const given = Object.entries(part.value.classes ?? {});
  const defaults = Object.entries(DEFAULT_CLASSES).map(([name, wanted]) => [name, roundUp(wanted, period)] as const);
  // a class whose period could not be read is known all the same
  const named = entriesOf(child(node, "classes")).map(([name]) => [name, period] as const);
  const classes = new Map<string, Ms>([...defaults, ...named, ...given].filter(([name]) => !isReserved(name)));
  const tooFast: readonly Finding[] = period >= SHORTEST_PERIOD ? [] : [{ path: ["period"], message: TOO_SHORT }];
  const misfits = part.failed.has("period") ? [] : given.flatMap(([name, span]) => checkClass(name, span, period));
  return { value: { period, classes }, findings: about(["scan"], "scan", [...part.findings, ...tooFast, ...misfits]) };
}

function isReserved(name: string): boolean {
  return name === ONCE || name === ON_DEMAND;
}

function roundUp(wanted: Ms, period: Ms): Ms {
  return ms(Math.max(1, Math.ceil(wanted / period - 1e-9)) * period);
}

function checkClass(name: string, span: Ms, period: Ms): readonly Finding[] {
  const path = ["classes", name];
  if (isReserved(name)) {
    return [{ path, message: `class ${name} exists already and has no period`, atKey: true }];
  }
  const ratio = span / period;
  if (ratio > 0.5 && Math.abs(ratio - Math.round(ratio)) < 1e-9) return [];
  const message = `class ${name}: ${formatDuration(span)} is no multiple of the scan period ${formatDuration(period)}`;
  return [{ path, message, hint: `the next is ${formatDuration(roundUp(span, period))}` }];
}
