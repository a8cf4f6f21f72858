import { formatDuration } from "../kit/duration.ts";
import type { Ms } from "../kit/time.ts";
import { FUNCTION_NAMES, type FunctionCode } from "../modbus/function-code.ts";
import { MAX_READ_WRITE_REGISTERS, MAX_WRITE_REGISTERS } from "../modbus/limits.ts";
import { type DeviceAbility, isNumeric } from "./check-tag.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { Finding } from "./finding.ts";
import { formatLocation, isBitTable, isWritableTable, READ_FUNCTION } from "./location.ts";
import type { Value } from "./quality.ts";
import { tagCodec } from "./tag-codec.ts";
import { tagSpan } from "./tag-span.ts";
import { ON_DEMAND, ONCE, type Tag, type WriteRule } from "./tag.ts";
import type { WriteFile } from "./tag-schema.ts";

/** What is wrong with the writing of a tag that is sound otherwise; paths begin at the tag. */
export function checkWrite(tag: Tag, rule: WriteRule, file: WriteFile, ability: DeviceAbility): readonly Finding[] {
  if (!isWritableTable(tag.at.table)) {
    const message = `${formatLocation(tag.at)} can only be read`;
    return [{ path: ["write"], message, hint: "writable tables are coil and holding" }];
  }
  const findings = [
    ...checkFunctions(tag, ability),
    ...checkRange(tag, rule),
    ...checkRamp(tag, rule),
    ...checkMaxChange(tag, rule),
    ...checkSafe(tag, rule, file),
    ...checkVerify(tag, file, ability),
    ...checkReadWrite(tag, rule, ability),
    ...checkLevelOnly(rule, file),
  ];
  return findings.map((finding) => ({ ...finding, path: ["write", ...finding.path] }));
}

/** Either list of functions does; every function of a list is needed. */
function waysToWrite(tag: Tag): readonly (readonly FunctionCode[])[] {
  if (tag.at.table === "coil") return tagSpan(tag) === 1 ? [[5], [15]] : [[15]];
  if (tag.at.bits) return [[22], [3, 6], [3, 16]];
  return tagSpan(tag) === 1 ? [[6], [16]] : [[16]];
}

function checkFunctions(tag: Tag, { functions, limits }: DeviceAbility): readonly Finding[] {
  const ways = waysToWrite(tag);
  const size = tagSpan(tag);
  if (!ways.some((way) => way.every((code) => functions.has(code)))) {
    const named = ways.map((way) => way.map((code) => `${code} (${FUNCTION_NAMES[code]})`).join(" with "));
    const message = `writing ${formatLocation(tag.at)} needs function ${named.join(", or ")}`;
    return [{ path: [], message, hint: "functions lists what the device understands" }];
  }
  if (!isBitTable(tag.at.table) && size > limits.writeRegisters) {
    const message = `takes ${size} registers, but the device lets ${limits.writeRegisters} be written at once`;
    return [{ path: [], message, hint: `the protocol allows ${MAX_WRITE_REGISTERS}; see limits.writeRegisters` }];
  }
  return [];
}

function checkRange(tag: Tag, { range }: WriteRule): readonly Finding[] {
  if (!range) return [];
  if (!isNumeric(tag.type)) return [{ path: ["range"], message: `${tag.type} values have no range` }];
  // a scale of 0 has been found before, and makes every bound wrong
  const single = { ...tag, count: undefined, scale: tag.scale === 0 ? 1 : tag.scale };
  return [range.min, range.max].flatMap((bound, index) => {
    const encoded = tagCodec(single).encode(bound);
    return encoded.ok ? [] : [{ path: ["range", index], message: `range: the tag ${encoded.failure}` }];
  });
}

/** A ramp begins at what is read, and has to end some time. */
function checkRamp({ type, count, scanClass }: Tag, { kind, ramp, range, verify }: WriteRule): readonly Finding[] {
  if (ramp === undefined || kind !== "level") return [];
  const path = ["ramp"];
  if (!isNumeric(type) || type === "int64" || type === "uint64" || type === "bcd64" || count !== undefined)
    return [{ path, message: "ramp is for single numbers of up to 32 bits, and for floats" }];
  if (!range) return [{ path, message: "ramp needs a range", hint: "add range: [0, 2]" }];
  if (verify.by !== "readback" || scanClass === ONCE || scanClass === ON_DEMAND)
    return [{ path, message: "ramp needs verify: readback and a class with a period: it begins at what is read" }];
  return [];
}

/** What is changed has to be known before. */
function checkMaxChange({ type, count, scanClass }: Tag, { maxChange }: WriteRule): readonly Finding[] {
  if (maxChange === undefined) return [];
  const path = ["maxChange"];
  if (!isNumeric(type) || count !== undefined) return [{ path, message: "maxChange is for single numbers" }];
  if (scanClass !== ONCE && scanClass !== ON_DEMAND) return [];
  return [{ path, message: "maxChange needs a class with a period: it is judged by what is read" }];
}

function checkSafe(tag: Tag, rule: WriteRule, file: WriteFile): readonly Finding[] {
  if (rule.safe === undefined || rule.safe === "hold") {
    if (file.onReturn !== "safe") return [];
    const needed = rule.safe === undefined ? "" : "; safe: hold is none";
    const hint = "add safe: 0, or say onReturn: hold";
    return [{ path: ["onReturn"], message: `onReturn: safe needs a safe value${needed}`, hint }];
  }
  const reason = impossible(tag, rule.safe.value) ?? outOfRange(rule.safe.value, rule);
  return reason === undefined ? [] : [{ path: ["safe"], message: `safe: the tag ${reason}` }];
}

/** Why the tag cannot have this value, to be read after its name; undefined when it can. */
export function impossible(tag: Tag, value: unknown): string | undefined {
  if (!isValue(value)) return `takes a value, not a map`;
  const encoded = tagCodec(tag).encode(value);
  return encoded.ok ? undefined : encoded.failure;
}

function isValue(value: unknown): value is Value {
  if (Array.isArray(value)) return value.every((item) => typeof item !== "object");
  return typeof value !== "object" && value !== undefined;
}

/** Why the rule does not let this be written, to be read after the tag's name; undefined when it does. */
export function outOfRange(value: Value, { range }: WriteRule): string | undefined {
  if (!range) return undefined;
  const outside = [value].flat().find((item) => Number(item) < range.min || Number(item) > range.max);
  return outside === undefined ? undefined : `may be written ${range.min} to ${range.max}, not ${outside}`;
}

function checkVerify(tag: Tag, file: WriteFile, { functions }: DeviceAbility): readonly Finding[] {
  const { verify, tolerance, within, kind } = file;
  const by = tag.write?.verify.by;
  const findings: Finding[] = [];
  if (by === "readback" && !functions.has(READ_FUNCTION[tag.at.table])) {
    const message = `verify: readback needs function ${READ_FUNCTION[tag.at.table]}, which functions does not list`;
    const path = verify === undefined ? ["kind"] : ["verify"];
    findings.push({ path, message, hint: "use verify: echo" });
  }
  if (tolerance !== undefined && (by !== "readback" || !isNumeric(tag.type))) {
    findings.push({
      path: ["tolerance"],
      message: "tolerance is for numbers that are read back",
      hint: verifyHint(kind),
    });
  }
  if (within !== undefined && by !== "readback" && by !== "expect") {
    findings.push({ path: ["within"], message: "within is for verify: readback or expect", hint: verifyHint(kind) });
  }
  if (typeof verify === "object" && Object.keys(verify.expect).length !== 1) {
    findings.push({ path: ["verify", "expect"], message: "expect names one tag and its value, as in { busy: true }" });
  }
  return findings;
}

/** FC 23 writes whole registers, and what it reads is the readback. */
function checkReadWrite(tag: Tag, { readWrite, verify }: WriteRule, { functions }: DeviceAbility): readonly Finding[] {
  if (!readWrite) return [];
  const path = ["readWrite"];
  if (!functions.has(23))
    return [
      {
        path,
        message: `readWrite needs function 23 (${FUNCTION_NAMES[23]})`,
        hint: "functions lists what the device understands",
      },
    ];
  if (isBitTable(tag.at.table) || tag.at.bits) return [{ path, message: "readWrite is for whole registers" }];
  if (verify.by !== "readback") return [{ path, message: "readWrite needs verify: readback, which is what it reads" }];
  const size = tagSpan(tag);
  if (size <= MAX_READ_WRITE_REGISTERS) return [];
  return [{ path, message: `readWrite carries ${MAX_READ_WRITE_REGISTERS} registers at most, this takes ${size}` }];
}

function verifyHint(kind: "level" | "pulse"): string {
  return `a ${kind} is verified by ${kind === "level" ? "readback" : "echo"} unless verify says otherwise`;
}

function checkLevelOnly({ kind }: WriteRule, file: WriteFile): readonly Finding[] {
  if (kind === "level") return [];
  const given = (["ramp", "safe", "refresh", "onReturn"] as const).filter((key) => file[key] !== undefined);
  return given.map((key) => ({ path: [key], message: `${key} is for levels: a pulse is written only when asked for` }));
}

export interface ExpectSurroundings {
  /** Those that are sound by themselves. */
  readonly tags: ReadonlyMap<string, Tag>;
  /** Of all tags. */
  readonly names: readonly string[];
  /** Undefined where the profile is read by itself. */
  readonly classes: ReadonlyMap<string, Ms> | undefined;
}

/** Whether the tag that a write expects exists, can be worth that, and is read in time to be seen so. */
export function checkExpect(tag: Tag, { tags, names, classes }: ExpectSurroundings): readonly Finding[] {
  const verify = tag.write?.verify;
  if (verify?.by !== "expect" || verify.tag === "") return [];
  const path = ["write", "verify", "expect", verify.tag];
  if (verify.tag === tag.name) {
    return [{ path, message: "expect: this is the written tag itself", hint: "use verify: readback" }];
  }
  if (!names.includes(verify.tag)) {
    return [{ path, message: `expect: unknown tag "${verify.tag}"`, hint: didYouMean(verify.tag, names) }];
  }
  const expected = tags.get(verify.tag);
  if (!expected) return [];
  const reason = impossible(expected, verify.equals);
  if (reason !== undefined) return [{ path, message: `expect: ${verify.tag} ${reason}` }];
  const unseen = notReadInTurn(expected) ?? readTooSeldom(expected, verify.within, classes);
  return unseen === undefined ? [] : [{ path, ...unseen, message: `expect: ${unseen.message}` }];
}

/** Whether no change would ever be seen in the tag; undefined when it would. */
export function notReadInTurn({ name, scanClass }: Tag): Omit<Finding, "path"> | undefined {
  if (scanClass !== ONCE && scanClass !== ON_DEMAND) return undefined;
  return {
    message: `${name} is read ${scanClass}: no effect would be seen in it`,
    hint: "give it a class with a period",
  };
}

/** Whether an effect would be seen in the tag in time; undefined when it would. */
function readTooSeldom(
  { name, scanClass }: Tag,
  within: Ms,
  classes: ExpectSurroundings["classes"],
): Omit<Finding, "path"> | undefined {
  const period = classes?.get(scanClass);
  if (period === undefined || period <= within) return undefined;
  return {
    message: `${name} is read every ${formatDuration(period)}, which is longer than within: ${formatDuration(within)}`,
    hint: `give it a faster class, or the write a longer within`,
  };
}
