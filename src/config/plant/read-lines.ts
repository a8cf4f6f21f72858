import { about, type Finding } from "../../device/finding.ts";
import { checkLine } from "./check-line.ts";
import { lineSettings } from "./line-settings.ts";
import { lineTwin } from "./line-twin.ts";
import { child, entriesOf, type Located } from "../source/located.ts";
import type { LineSettings } from "./plant.ts";
import { LINE_KINDS, lineSchema } from "./plant-schema.ts";
import { nameFindings } from "../source/name-findings.ts";
import { readPart } from "../source/read-part.ts";

export interface LinesReading {
  /** Every line that was named, as far as it could be understood; undefined where not even its kind is known. */
  readonly value: ReadonlyMap<string, LineSettings | undefined>;
  /** Paths begin at the plant. */
  readonly findings: readonly Finding[];
}

/** Reads the lines of a plant; what each leads to is a line of its own. */
export function readLines(node: Located | undefined): LinesReading {
  const value = new Map<string, LineSettings | undefined>();
  const findings = entriesOf(node).flatMap(([name, { value: line }]) => {
    const { settings, findings: found } = readLine(name, line);
    const twin = settings && lineTwin(settings, [...value.values()]);
    value.set(name, settings);
    return about(["lines", name], `line ${name}`, twin ? [...found, twin] : found);
  });
  return { value, findings };
}

interface LineReading {
  readonly settings: LineSettings | undefined;
  /** Paths begin at the line. */
  readonly findings: readonly Finding[];
}

function readLine(name: string, node: Located): LineReading {
  const part = readPart(lineSchema, node);
  const isMap = node.kind === "map";
  const kinds = LINE_KINDS.filter((kind) => child(node, kind) !== undefined);
  const findings = [
    ...nameFindings(name),
    ...part.findings,
    ...(isMap ? checkLine(part.value, kinds, entriesOf(node)) : []),
  ];
  return { settings: lineSettings(name, part.value), findings };
}
