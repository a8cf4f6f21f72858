import { ms } from "../kit/time.ts";
import type { ByteOrder } from "../modbus/byte-order.ts";
import { buildCondition, type Condition, mapTest } from "./condition.ts";
import { isBitTable } from "./location.ts";
import { bindOperand } from "./operand.ts";
import type { Value } from "./quality.ts";
import { DEFAULT_ROLE } from "./role.ts";
import type { Range, Tag, TagType, Verify, WriteRule } from "./tag.ts";
import type { TagFile, WriteFile } from "./tag-schema.ts";

const DEFAULT_CLASS = "normal";
const DEFAULT_WITHIN = ms(1000);

/** The tag that a profile's entry means, defaults put in; whether it makes sense is {@link checkTag}'s question. */
export function buildTag(name: string, file: TagFile, order: ByteOrder): Tag {
  return {
    name,
    title: file.title,
    at: file.at,
    type: file.type ?? defaultType(file),
    count: file.count,
    length: file.length,
    order: file.order ?? order,
    scale: file.scale ?? 1,
    offset: file.offset ?? 0,
    unit: file.unit,
    invalid: file.invalid ?? [],
    valid: rangeOf(file.valid),
    values: file.values && namesByNumber(file.values),
    scanClass: file.class ?? DEFAULT_CLASS,
    maxAge: file.maxAge,
    group: file.group,
    report: {
      deadband: file.deadband ?? 0,
      minInterval: file.minInterval ?? ms(0),
      maxInterval: file.maxInterval,
    },
    write: file.write && buildWrite(file.write),
  };
}

function defaultType({ at }: TagFile): TagType {
  return isBitTable(at.table) || (at.bits && at.bits.low === at.bits.high) ? "bool" : "uint16";
}

function namesByNumber(values: Readonly<Record<string, string>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(values).map(([number, name]) => [Number(number), name]));
}

function rangeOf(bounds: readonly [number, number] | undefined): Range | undefined {
  return bounds && { min: bounds[0], max: bounds[1] };
}

function buildWrite(file: WriteFile): WriteRule {
  const safe = safeOf(file.safe);
  return {
    kind: file.kind,
    range: rangeOf(file.range),
    ramp: file.ramp,
    maxChange: file.maxChange,
    requires: (file.requires ?? []).flatMap(interlocks),
    role: file.role ?? DEFAULT_ROLE,
    safe,
    verify: verifyOf(file),
    readWrite: file.readWrite ?? false,
    refresh: file.refresh,
    onReturn: file.onReturn ?? (file.kind === "level" && typeof safe === "object" ? "safe" : "hold"),
  };
}

function interlocks(map: Readonly<Record<string, unknown>>): readonly Condition[] {
  return Object.entries(map).map(([tag, raw]) => {
    const { test } = buildCondition(tag, raw, false).condition;
    return { tag, test: mapTest(test, (operand) => bindOperand(operand, new Map())) };
  });
}

function safeOf(safe: unknown): WriteRule["safe"] {
  if (safe === undefined) return undefined;
  // a value of the wrong shape is found by checkTag, which asks the tag's codec
  return safe === "hold" ? "hold" : { value: safe as Value };
}

function verifyOf({ kind, verify, tolerance, within = DEFAULT_WITHIN }: WriteFile): Verify {
  const by = verify ?? (kind === "level" ? "readback" : "echo");
  if (by === "readback") return { by, tolerance: tolerance ?? 0, within };
  if (typeof by === "string") return { by };
  const [tag = "", equals] = Object.entries(by.expect)[0] ?? [];
  return { by: "expect", tag, equals: equals as Value, within };
}
