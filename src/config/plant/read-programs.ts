import { existsSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { about, type Finding } from "../../device/finding.ts";
import { formatDuration } from "../../kit/duration.ts";
import { type Ms, ms } from "../../kit/time.ts";
import type { Located } from "../source/located.ts";
import type { ProgramSettings } from "./plant.ts";
import { type ProgramFile, programSchema } from "./plant-schema.ts";
import { readPart } from "../source/read-part.ts";
import { shown } from "../source/sentences.ts";

const DEFAULT_GRACE = ms(500);
/** Of the scan period. */
const DEFAULT_BUDGET = 0.2;

const ENDINGS = [".ts", ".mts", ".js", ".mjs"];

export interface ProgramsReading {
  readonly value: readonly ProgramSettings[];
  /** Paths begin at the plant. */
  readonly findings: readonly Finding[];
}

/** Reads which programs a plant has. Whether they are in order is for whoever loads them. */
export function readPrograms(node: Located | undefined, plantFile: string, period: Ms): ProgramsReading {
  if (!node) return { value: [], findings: [] };
  if (node.kind !== "list") return { value: [], findings: [{ path: ["programs"], message: NO_LIST }] };
  const readings = node.items.map((item, index) => readProgram(item, { index, plantFile, period }));
  const value = readings.flatMap(({ settings }) => settings ?? []);
  const findings = [...readings.flatMap((reading) => reading.findings), ...twins(readings)];
  return { value, findings: about(["programs"], "programs", findings) };
}

const NO_LIST = "programs: expected a list of files, as in programs: [./sorting.ts]";

interface ProgramReading {
  readonly settings: ProgramSettings | undefined;
  readonly findings: readonly Finding[];
}

interface Place {
  readonly index: number;
  readonly plantFile: string;
  readonly period: Ms;
}

function readProgram(item: Located, { index, plantFile, period }: Place): ProgramReading {
  const short = item.kind === "scalar";
  const part = short ? { value: { file: item.value }, findings: [] } : readPart(programSchema, item);
  const { file } = part.value;
  const inside = (findings: readonly Finding[]): readonly Finding[] =>
    findings.map((finding) => ({ ...finding, path: [index, ...finding.path] }));
  if (typeof file !== "string") {
    const none = short ? [{ path: [], message: `expected the file of a program, got ${shown(item.value)}` }] : [];
    return { settings: undefined, findings: inside([...part.findings, ...none]) };
  }
  const path = resolve(dirname(plantFile), file);
  const { every = period, grace = DEFAULT_GRACE, budget = ms(period * DEFAULT_BUDGET) } = timesOf(part.value);
  const findings = [...part.findings, ...checkFile(file, path, short), ...checkEvery(every, period)];
  const name = basename(path, extname(path));
  return { settings: { name, file: path, every, grace, budget }, findings: inside(findings) };
}

function timesOf(value: Partial<ProgramFile> | { readonly file: unknown }): Partial<Omit<ProgramFile, "file">> {
  return "every" in value || "grace" in value || "budget" in value ? value : {};
}

function checkFile(file: string, path: string, short: boolean): readonly Finding[] {
  const at = short ? [] : ["file"];
  if (!ENDINGS.includes(extname(path))) {
    return [{ path: at, message: `${file} is no program`, hint: `its name ends in one of ${ENDINGS.join(", ")}` }];
  }
  return existsSync(path) ? [] : [{ path: at, message: `${file}: there is no such file`, hint: `looked for ${path}` }];
}

function checkEvery(every: Ms, period: Ms): readonly Finding[] {
  const ratio = every / period;
  if (ratio > 0.5 && Math.abs(ratio - Math.round(ratio)) < 1e-9) return [];
  const message = `every: ${formatDuration(every)} is no multiple of the scan period ${formatDuration(period)}`;
  return [{ path: ["every"], message }];
}

/** Its name is all that tells one program from another, in the log and in the store. */
function twins(readings: readonly ProgramReading[]): readonly Finding[] {
  const names = readings.map(({ settings }) => settings?.name);
  return names.flatMap((name, index) =>
    name !== undefined && names.indexOf(name) < index
      ? [{ path: [index], message: `${name} is the name of another program too` }]
      : [],
  );
}
