import { readFileSync } from "node:fs";
import { packageFile } from "../../config/source/package-file.ts";
import type { Plant } from "../../config/plant/plant.ts";
import { linearScale } from "../../device/linear-scale.ts";
import type { JobType } from "../../device/mailbox.ts";
import type { Device } from "../../device/profile.ts";
import { ON_DEMAND, type Tag } from "../../device/tag.ts";

/**
 * Declarations for the programs of one plant: the modules they import, with its devices and tags. They stand by themselves, so
 * that an editor understands a program where nothing is installed.
 */
export function plantTypes(plant: Plant, command: string): string {
  const { name, devices } = plant;
  const own = [...devices.values()].map(deviceType);
  return `${[
    `// Written by \`${command}\`. Do not edit: write it anew when plant ${name} changes.`,
    "",
    `declare module "takt/program" {`,
    ...indented(declarations("program")),
    "",
    "  /** The devices of the plant. */",
    "  interface Devices {",
    ...own.flat().map((line) => `    ${line}`),
    "  }",
    "",
    "  /** The pools of the plant. */",
    "  interface Pools {",
    ...poolTypes(plant).map((line) => `    ${line}`),
    "  }",
    "}",
    "",
    `declare module "takt/program/bench" {`,
    ...indented(declarations("bench")),
    "}",
  ].join("\n")}\n`;
}

function declarations(module: string): readonly string[] {
  return readFileSync(packageFile(`types/${module}.d.ts`), "utf8")
    .trimEnd()
    .split("\n");
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}

function deviceType({ name, profile, tags }: Device): readonly string[] {
  const members = [...tags.values()].flatMap((tag) => [`  /** ${comment(tag)} */`, ...memberLines(tag)]);
  return [`/** ${safeText(profile.title)} */`, `readonly ${key(name)}: {`, ...members, "};"];
}

/** The jobs of each pool with their parameters. */
function poolTypes({ pools, devices }: Plant): readonly string[] {
  return [...pools].flatMap(([pool, [first = ""]]) => {
    const jobs = devices.get(first)?.profile.mailbox?.jobs ?? new Map<string, JobType>();
    const members = [...jobs].map(([job, { parameters }]) => {
      const named = parameters.map((parameter) => ` readonly ${key(parameter)}: number;`).join("");
      return `  readonly ${key(job)}: {${named}${named === "" ? "" : " "}};`;
    });
    return [`readonly ${key(pool)}: {`, ...members, "};"];
  });
}

/** What is read as a bigint may be written as a number. What is only written has no reading. */
function memberLines(tag: Tag): readonly string[] {
  const name = key(tag.name);
  const read = valueType(tag);
  const writes = isLong(tag) ? read.replace("bigint", "(bigint | number)") : read;
  if (!tag.write) return [`  readonly ${name}: ${read};`];
  if (tag.scanClass === ON_DEMAND) return [`  set ${name}(value: ${writes});`];
  return read === writes ? [`  ${name}: ${read};`] : [`  get ${name}(): ${read};`, `  set ${name}(value: ${writes});`];
}

function valueType(tag: Tag): string {
  const scalar = scalarType(tag);
  if (tag.count === undefined) return scalar;
  return scalar.includes("|") ? `readonly (${scalar})[]` : `readonly ${scalar}[]`;
}

function scalarType(tag: Tag): string {
  switch (tag.type) {
    case "bool":
      return "boolean";
    case "string":
      return "string";
    case "enum":
      return [...new Set(tag.values?.values() ?? [])].map((value) => JSON.stringify(value)).join(" | ");
    default:
      return isLong(tag) ? "bigint" : "number";
  }
}

function isLong({ type, scale, offset, at }: Tag): boolean {
  return ["int64", "uint64", "bcd64"].includes(type) && !at.bits && linearScale(scale, offset).whole;
}

function comment({ title, unit, write, scanClass }: Tag): string {
  const range = write?.range && `${write.range.min} to ${write.range.max}`;
  const parts = [title, unit, range, write && (write.kind === "pulse" ? "pulse" : "output")];
  const said = [...parts, !write && scanClass === ON_DEMAND ? "cannot be read in the scan" : undefined];
  return safeText(said.filter((part) => part !== undefined).join(", ")) || "input";
}

function safeText(text: string): string {
  return text.replaceAll("*/", "* /").replaceAll("\n", " ");
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
