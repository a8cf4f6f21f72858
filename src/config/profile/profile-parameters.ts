import { didYouMean } from "../../device/did-you-mean.ts";
import { about, type Finding } from "../../device/finding.ts";
import { type ParameterFile, parameterSchema, type ParameterValue } from "../../device/profile-schema.ts";
import { entriesOf, type Located } from "../source/located.ts";
import { nameFindings } from "../source/name-findings.ts";
import { readPart } from "../source/read-part.ts";
import { isPlaceholderName } from "./substitute.ts";

interface Parameters {
  readonly value: ReadonlyMap<string, ParameterFile>;
  readonly findings: readonly Finding[];
}

/** Reads what a profile declares of its parameters. */
export function readParameters(node: Located | undefined): Parameters {
  const value = new Map<string, ParameterFile>();
  if (node === undefined) return { value, findings: [] };
  if (node.kind !== "map")
    return { value, findings: [{ path: ["parameters"], message: "parameters: expected a map" }] };
  const findings = entriesOf(node).flatMap(([name, entry]) => {
    const part = readPart(parameterSchema, entry.value);
    if (part.value.default !== undefined) value.set(name, { ...part.value, default: part.value.default });
    const outside = part.complete && parameterFault(part.complete, part.complete.default);
    const more = outside === undefined ? [] : [{ path: ["default"], message: `default ${outside}` }];
    return about(["parameters", name], `parameter ${name}`, [...parameterName(name), ...part.findings, ...more]);
  });
  return { value, findings };
}

function parameterName(name: string): readonly Finding[] {
  const findings = nameFindings(name);
  if (findings.length > 0 || isPlaceholderName(name)) return findings;
  const message = `no placeholder can reach "${name}"`;
  const hint = "begin with a letter, and do not end like a difference, as in a-1";
  return [{ path: [], message, hint, atKey: true }];
}

/** Why a parameter cannot have this value, to be read after its name. */
function parameterFault(parameter: ParameterFile, value: ParameterValue): string | undefined {
  if (typeof value !== typeof parameter.default) {
    return `is a ${typeof parameter.default}, not ${JSON.stringify(value)}`;
  }
  const { range } = parameter;
  if (!range || typeof value !== "number" || (value >= range[0] && value <= range[1])) return undefined;
  return `${value} is outside ${range[0]}..${range[1]}`;
}

/** A parameter that a device gives and the profile does not have, or not so. */
export function checkParameters(
  given: Readonly<Record<string, ParameterValue>>,
  known: ReadonlyMap<string, ParameterFile>,
): readonly Finding[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const parameter = known.get(name);
    if (!parameter) {
      const hint = didYouMean(name, [...known.keys()]);
      return [{ path: [name], message: `unknown parameter "${name}"`, hint, atKey: true }];
    }
    const fault = parameterFault(parameter, value);
    return fault === undefined ? [] : [{ path: [name], message: `parameter ${name} ${fault}` }];
  });
}
