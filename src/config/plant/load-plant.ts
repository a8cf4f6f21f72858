import { dirname, join } from "node:path";
import { err, ok, type Result } from "../../kit/result.ts";
import type { Finding } from "../../device/finding.ts";
import { type ConfigIssue, sortIssues } from "../source/config-issue.ts";
import { child, type Located } from "../source/located.ts";
import type { Plant } from "./plant.ts";
import { plantSchema } from "./plant-schema.ts";
import { PACKAGE_DEVICES, ProfileLibrary } from "../profile/profile-library.ts";
import { ProfileReadings } from "../profile/profile-readings.ts";
import { readDevices } from "./read-devices.ts";
import { readLines } from "./read-lines.ts";
import { readPart } from "../source/read-part.ts";
import { readPrograms } from "./read-programs.ts";
import { readPools } from "./read-pools.ts";
import { readScan } from "./read-scan.ts";
import { readYaml } from "../source/read-yaml.ts";
import { issuesAt, type Source } from "../source/source.ts";

/**
 * Reads a plant file with its profiles, or tells every mistake in them. Profiles are looked for in `devices/` beside
 * the plant file, then among those of the package.
 */
export function loadPlant(file: string): Result<Plant, readonly ConfigIssue[]> {
  const root = readYaml(file);
  if (!root.ok) return root;
  const other = notAPlant(root.value);
  if (other) return err([{ file, line: 1, column: 1, ...other }]);
  return readPlant({ file, root: root.value }, new ProfileLibrary([join(dirname(file), "devices"), PACKAGE_DEVICES]));
}

/** What a file is that has nothing of a plant; undefined where it has something. */
function notAPlant(root: Located): Pick<ConfigIssue, "message" | "hint"> | undefined {
  if (root.kind !== "map" || ["plant", "lines", "devices"].some((key) => child(root, key))) return undefined;
  return child(root, "profile")
    ? { message: "this is a profile, not a plant", hint: "takt check reads it by itself" }
    : { message: "this is no plant and no profile", hint: "one begins with plant:, the other with profile:" };
}

/** A plant that was read already, its profiles taken from `library`. */
export function readPlant(source: Source, library: ProfileLibrary): Result<Plant, readonly ConfigIssue[]> {
  const { root } = source;
  const shell = readPart(shellSchema, withoutParts(root));
  const scan = readScan(child(root, "scan"));
  const lines = readLines(child(root, "lines"));
  const profiles = new ProfileReadings(library, scan.value.classes);
  const devices = readDevices(source, { lines: lines.value, classes: scan.value.classes, profiles });
  const pools = readPools(child(root, "pools"), devices.value, devices.issues.length === 0);
  const programs = readPrograms(child(root, "programs"), source.file, scan.value.period);
  const ofParts = [scan, lines, pools, programs].flatMap((part) => part.findings);
  const findings = [...shell.findings, ...missingParts(root), ...ofParts];
  const issues = [...issuesAt(source, findings), ...devices.issues, ...profiles.issues];
  if (issues.length > 0 || shell.value.plant === undefined) return err(sortIssues(issues));
  const sound = [...lines.value].flatMap(([name, line]) => (line ? [[name, line] as const] : []));
  return ok({
    name: shell.value.plant,
    scan: scan.value,
    lines: new Map(sound),
    devices: devices.value,
    pools: pools.value,
    programs: programs.value,
  });
}

const shellSchema = plantSchema.partial({ lines: true, devices: true });

const PARTS = ["lines", "devices", "scan", "pools", "programs"];

/** The parts are read one by one. */
function withoutParts(root: Located): Located {
  if (root.kind !== "map") return root;
  return { ...root, entries: new Map([...root.entries].filter(([key]) => !PARTS.includes(key))) };
}

function missingParts(root: Located): readonly Finding[] {
  if (root.kind !== "map") return [];
  return ["lines", "devices"].flatMap((part) => {
    const node = child(root, part);
    if (!node) return [{ path: [part], message: `"${part}" is missing` }];
    return node.kind === "map" && node.entries.size > 0
      ? []
      : [{ path: [part], message: `${part}: expected a map of them` }];
  });
}
