import type { LineSettings, Plant, ScanSettings } from "../config/plant/plant.ts";
import { wireFormat } from "../config/plant/wire-format.ts";
import type { TagEntry } from "../device/tag-table.ts";
import { formatDuration } from "../kit/duration.ts";
import { type Ms, ms } from "../kit/time.ts";
import { BAUD_RATES } from "../modbus/serial-format.ts";
import { type LineProof, proveLine } from "./line-proof.ts";
import { planLine } from "./plan-line.ts";
import { scanPlan } from "./scan-plan.ts";

/** A line with what is read on it: all that its proof depends on. */
interface Sketch {
  readonly line: LineSettings;
  readonly entries: readonly TagEntry[];
  readonly scan: ScanSettings;
}

/** A change with which the line holds. */
export interface Mend {
  /** `read class normal of this line every 200ms` */
  readonly text: string;
  readonly headRoom: number;
}

/**
 * What would make a line hold that does not: of each kind of change the smallest that passes the same proof. None where
 * no single change of these helps.
 */
export function mends(plant: Plant, name: string, entries: readonly TagEntry[]): readonly Mend[] {
  const line = plant.lines.get(name);
  if (!line) return [];
  const sketch = { line, entries: entries.filter(({ device }) => device.line === name), scan: plant.scan };
  const kinds = [
    ...slowerClasses(sketch),
    slowerLine(sketch),
    slowerDevice(sketch, plant),
    faster(sketch),
    wider(sketch),
    sooner(sketch),
    apart(sketch, plant),
  ];
  return kinds.flatMap((mend) => mend ?? []);
}

function proofOf({ line, entries, scan }: Sketch): LineProof {
  return proveLine(planLine(line, entries, scan), line, scan);
}

/** The first of the changes that holds. */
function firstThatHolds(
  changes: Iterable<{ readonly text: string; readonly sketches: readonly Sketch[] }>,
): Mend | undefined {
  for (const { text, sketches } of changes) {
    const proofs = sketches.map(proofOf);
    if (proofs.every(({ holds }) => holds))
      return { text, headRoom: Math.min(...proofs.map(({ headRoom }) => headRoom)) };
  }
  return undefined;
}

const SLOWER = [2, 3, 4, 5, 6, 8, 10, 20, 50, 100];

/** Each class of the line by itself, read less often. */
function slowerClasses(sketch: Sketch): readonly (Mend | undefined)[] {
  const used = [...new Set(sketch.entries.map(({ tag }) => tag.scanClass))];
  return used.map((scanClass) => {
    const period = sketch.scan.classes.get(scanClass);
    if (period === undefined) return undefined;
    return firstThatHolds(
      periodsAbove(period, sketch.scan).map((slower) => ({
        text: `read class ${scanClass} of this line every ${formatDuration(slower)}`,
        sketches: [slowed(sketch, slower, ({ tag }) => tag.scanClass === scanClass)],
      })),
    );
  });
}

/** All that is read most often. */
function slowerLine(sketch: Sketch): Mend | undefined {
  const { classes } = sketch.scan;
  const periods = new Set(sketch.entries.flatMap(({ tag }) => classes.get(tag.scanClass) ?? []));
  if (periods.size === 0) return undefined;
  const changes = periodsAbove(ms(Math.min(...periods)), sketch.scan).map((slower) => ({
    text: `read nothing of this line more often than every ${formatDuration(slower)}`,
    sketches: [slowed(sketch, slower, ({ tag }) => (classes.get(tag.scanClass) ?? slower) < slower)],
  }));
  return firstThatHolds(changes);
}

function periodsAbove(period: Ms, { classes }: ScanSettings): readonly Ms[] {
  const known = [...classes.values()].filter((each) => each > period);
  const multiples = SLOWER.map((factor) => ms(period * factor));
  return [...new Set([...known, ...multiples])].sort((a, b) => a - b);
}

/** A large plant is refused in seconds all the same. */
const DEVICES_TRIED = 4;

/** One device in a slower class that the plant has, the dearest first. */
function slowerDevice(sketch: Sketch, plant: Plant): Mend | undefined {
  const classes = [...sketch.scan.classes].sort((a, b) => a[1] - b[1]);
  const changes = dearest(sketch, plant)
    .slice(0, DEVICES_TRIED)
    .flatMap((device) =>
      classes.map(([scanClass, period]) => ({
        text: `read ${device} in class ${scanClass} (${formatDuration(period)})`,
        sketches: [
          slowed(sketch, period, ({ device: { name }, tag }) => {
            return name === device && (sketch.scan.classes.get(tag.scanClass) ?? period) < period;
          }),
        ],
      })),
    );
  return firstThatHolds(changes);
}

/** The chosen tags read with this period. */
function slowed(sketch: Sketch, period: Ms, chosen: (entry: TagEntry) => boolean): Sketch {
  const scanClass = ` ${period}`;
  const classes = new Map([...sketch.scan.classes, [scanClass, period] as const]);
  const entries = sketch.entries.map((entry) =>
    chosen(entry) ? { ...entry, tag: { ...entry.tag, scanClass } } : entry,
  );
  return { ...sketch, entries, scan: { ...sketch.scan, classes } };
}

function faster(sketch: Sketch): Mend | undefined {
  const format = wireFormat(sketch.line);
  if (!format) return undefined;
  const rates = BAUD_RATES.filter((rate) => rate > format.baudRate);
  return firstThatHolds(
    rates.map((rate) => ({ text: `${rate} baud`, sketches: [{ ...sketch, line: atRate(sketch.line, rate) }] })),
  );
}

function atRate(line: LineSettings, baudRate: number): LineSettings {
  if (line.kind === "tcp") return { ...line, gateway: line.gateway && { ...line.gateway, baudRate } };
  return { ...line, format: { ...line.format, baudRate } };
}

function wider(sketch: Sketch): Mend | undefined {
  const { line } = sketch;
  if (line.kind !== "tcp" || line.gateway) return undefined;
  const windows = [2, 4, 8, 16].filter((window) => window > line.window);
  const changes = windows.map((window) => ({
    text: `window: ${window}, if its endpoint takes that`,
    sketches: [{ ...sketch, line: { ...line, window } }],
  }));
  return firstThatHolds(changes);
}

function sooner(sketch: Sketch): Mend | undefined {
  const { line } = sketch;
  if (line.kind === "serial") return undefined;
  const spans = [20, 10, 5, 4, 3, 2, 1, 0.5].filter((span) => span < line.roundTrip).map(ms);
  const changes = spans.map((roundTrip) => ({
    text: `roundTrip: ${formatDuration(roundTrip)}, if the line is never slower`,
    sketches: [{ ...sketch, line: { ...line, roundTrip } }],
  }));
  return firstThatHolds(changes);
}

/** One of the dearest devices, two, four, … on a line of their own, like this one. */
function apart(sketch: Sketch, plant: Plant): Mend | undefined {
  const devices = dearest(sketch, plant);
  const counts = [1, 2, 4, 8, 16, 32, 64].filter((count) => count <= devices.length / 2);
  const changes = counts.map((count) => {
    const moved = devices.slice(0, count);
    const isMoved = ({ device }: TagEntry): boolean => moved.includes(device.name);
    const sketches = [isMoved, (entry: TagEntry) => !isMoved(entry)].map((chosen) => ({
      ...sketch,
      entries: sketch.entries.filter(chosen),
    }));
    const names = count > 4 ? `${moved.slice(0, 4).join(", ")} and ${count - 4} more` : moved.join(", ");
    return { text: `${names} on another line`, sketches };
  });
  return firstThatHolds(changes);
}

/** The devices of the line, those first that take most of its time. */
function dearest({ line, entries }: Sketch, plant: Plant): readonly string[] {
  const loads = new Map<string, number>();
  const plan = scanPlan({ ...plant, lines: new Map([[line.name, line]]) }, entries).lines.get(line.name);
  for (const { block, cost, period } of plan?.cyclic ?? []) {
    loads.set(block.device.name, (loads.get(block.device.name) ?? 0) + cost.worst / period);
  }
  return [...loads].sort((a, b) => b[1] - a[1]).map(([device]) => device);
}
