import type { FunctionCode } from "../modbus/function-code.ts";
import { ADDRESS_COUNT } from "../modbus/limits.ts";
import { NUMERIC_WORDS } from "../modbus/register-codec.ts";
import type { Finding } from "./finding.ts";
import { formatLocation, isBitTable, isWritableTable, READ_FUNCTION, type Table } from "./location.ts";
import type { DeviceLimits } from "./profile.ts";
import { rawSentinel } from "./sentinel.ts";
import { ON_DEMAND, type Tag, type TagType } from "./tag.ts";
import { tagSpan } from "./tag-span.ts";
import type { TagFile } from "./tag-schema.ts";

/** What a device can do, against which its tags are judged. */
export interface DeviceAbility {
  readonly functions: ReadonlySet<FunctionCode>;
  readonly limits: DeviceLimits;
}

export interface TagCheck {
  /** The type does not suit the place: nothing else about the tag can be judged. */
  readonly misfit: boolean;
  /** Paths begin at the tag. */
  readonly findings: readonly Finding[];
}

/** What is wrong with a tag by itself, apart from its writing. */
export function checkTag(tag: Tag, file: TagFile, ability: DeviceAbility): TagCheck {
  const misfit = typeMisfit(tag);
  if (misfit) return { misfit: true, findings: [misfit] };
  const findings = [
    ...checkPlace(tag, ability),
    ...checkNumbers(tag, file),
    ...checkValues(tag, file),
    ...checkSentinels(tag),
    ...checkReport(tag),
  ];
  return { misfit: false, findings };
}

/** Whether the type, the count and the length suit the place; everything else presumes that they do. */
function typeMisfit({ at, type, count, length, values }: Tag): Finding | undefined {
  const where = formatLocation(at);
  if (isBitTable(at.table)) {
    if (type !== "bool")
      return { path: ["type"], message: `a ${TABLE_NOUNS[at.table]} holds a bool, not ${aType(type)}` };
  }
  if (at.bits) {
    const single = at.bits.low === at.bits.high;
    const fitting: readonly TagType[] = single ? ["bool", "enum"] : ["uint16", "enum"];
    if (!fitting.includes(type)) {
      const hint = `use ${fitting.join(" or ")}`;
      return { path: ["type"], message: `${aType(type)} does not fit ${where}`, hint };
    }
    if (count !== undefined) return { path: ["count"], message: "bits of a register make no array" };
  }
  if (type === "string" && length === undefined) {
    return { path: ["type"], message: "a string needs its length in bytes", hint: "add length: 16" };
  }
  if (type !== "string" && length !== undefined) return { path: ["length"], message: "only a string has a length" };
  if (type === "string" && count !== undefined) return { path: ["count"], message: "a string makes no array" };
  if (type === "enum" && values === undefined) {
    return { path: ["type"], message: "an enum needs its values", hint: "add values: { 0: off, 1: on }" };
  }
  if (type !== "enum" && values !== undefined) {
    return { path: ["values"], message: `only an enum has values; this is ${aType(type)}`, hint: "add type: enum" };
  }
  return undefined;
}

const TABLE_NOUNS: Readonly<Record<Table, string>> = {
  coil: "coil",
  discrete: "discrete input",
  input: "input register",
  holding: "holding register",
};

function aType(type: TagType): string {
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}

function checkPlace(tag: Tag, { functions, limits }: DeviceAbility): readonly Finding[] {
  const { at, scanClass, write } = tag;
  const size = tagSpan(tag);
  const findings: Finding[] = [];
  if (at.address + size > ADDRESS_COUNT) {
    const message = `${formatLocation(at)} and the ${size - 1} after it reach beyond address ${ADDRESS_COUNT - 1}`;
    findings.push({ path: ["at"], message });
  }
  const most = isBitTable(at.table) ? limits.readBits : limits.readRegisters;
  if (size > most) {
    const message = `takes ${size} ${isBitTable(at.table) ? "bits" : "registers"}, but the device reads at most ${most} at once`;
    findings.push({ path: tag.count === undefined ? ["at"] : ["count"], message });
  }
  const needed = READ_FUNCTION[at.table];
  if (!functions.has(needed) && !(write && isWritableTable(at.table) && scanClass === ON_DEMAND)) {
    const message = `reading ${formatLocation(at)} needs function ${needed}, which functions does not list`;
    findings.push({ path: ["at"], message, hint: writeOnlyHint(at.table) });
  }
  return findings;
}

function writeOnlyHint(table: Table): string {
  return isWritableTable(table)
    ? `add ${READ_FUNCTION[table]}, or class: onDemand for an output that can only be written`
    : `add ${READ_FUNCTION[table]}`;
}

/** bool, string and enum are what they are: nothing to scale, to bound or to damp. */
export function isNumeric(type: TagType): boolean {
  return type in NUMERIC_WORDS;
}

function checkNumbers({ type, scale }: Tag, file: TagFile): readonly Finding[] {
  if (!isNumeric(type)) {
    const given = (["scale", "offset", "valid", "deadband"] as const).filter((key) => file[key] !== undefined);
    return given.map((key) => ({ path: [key], message: `${aType(type)} has no ${key}` }));
  }
  return scale === 0 ? [{ path: ["scale"], message: "scale: 0 would make every value the same" }] : [];
}

function checkValues({ at, values }: Tag, file: TagFile): readonly Finding[] {
  if (!values || !file.values) return [];
  const most = at.bits ? 2 ** (at.bits.high - at.bits.low + 1) - 1 : 0xffff;
  const findings: Finding[] = [];
  const seen = new Map<string, string>();
  if (values.size === 0) findings.push({ path: ["values"], message: "an enum needs at least one value" });
  for (const [number, name] of Object.entries(file.values)) {
    const path = ["values", number];
    if (!/^\d+$/.test(number) || Number(number) > most) {
      findings.push({ path, message: `values: ${number} is outside 0..${most}` });
    }
    const first = seen.get(name);
    if (first !== undefined)
      findings.push({ path, message: `values: ${first} and ${number} are both named "${name}"` });
    else seen.set(name, number);
  }
  return findings;
}

function checkSentinels(tag: Tag): readonly Finding[] {
  if (tag.invalid.length > 0 && (tag.type === "bool" || isBitTable(tag.at.table))) {
    return [{ path: ["invalid"], message: "a bool has no values to spare for invalid" }];
  }
  return tag.invalid.flatMap((raw, index) =>
    rawSentinel(tag, raw) === undefined
      ? [{ path: ["invalid", index], message: `invalid: ${raw} is no raw value of ${aType(tag.type)}` }]
      : [],
  );
}

function checkReport({ report: { minInterval, maxInterval } }: Tag): readonly Finding[] {
  if (maxInterval === undefined || maxInterval >= minInterval) return [];
  return [{ path: ["maxInterval"], message: "maxInterval is shorter than minInterval" }];
}
