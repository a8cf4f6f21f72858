import { isNumeric } from "./check-tag.ts";
import { impossible, notReadInTurn } from "./check-write.ts";
import { buildCondition, type Condition, operandsOf } from "./condition.ts";
import { didYouMean } from "./did-you-mean.ts";
import { about, type Finding } from "./finding.ts";
import type { Operand } from "./operand.ts";
import type { Tag } from "./tag.ts";

export interface ConditionSurroundings {
  /** Those that are sound by themselves. */
  readonly tags: ReadonlyMap<string, Tag>;
  /** Of all tags. */
  readonly names: readonly string[];
  /** What is wrong with an operand at this tag beyond {@link operandFault}: arguments, for instance. */
  readonly judge?: (operand: Operand, tag: Tag) => string | undefined;
}

/** What is wrong with the conditions of one map; paths begin at the map. */
export function checkConditions(
  map: Readonly<Record<string, unknown>>,
  surroundings: ConditionSurroundings,
): readonly Finding[] {
  if (Object.keys(map).length === 0) return [{ path: [], message: "names no tag", hint: "as in { running: true }" }];
  return Object.entries(map).flatMap(([name, raw]) => about([name], name, checkOne(name, raw, surroundings)));
}

function checkOne(name: string, raw: unknown, { tags, names, judge }: ConditionSurroundings): readonly Finding[] {
  if (!names.includes(name)) return [{ path: [], message: "unknown tag", hint: didYouMean(name, names), atKey: true }];
  const tag = tags.get(name);
  if (!tag) return [];
  const { condition, findings } = buildCondition(name, raw, tag.count !== undefined);
  if (findings.length > 0) return findings;
  const unseen = notReadInTurn(tag);
  if (unseen) return [{ path: [], ...unseen }];
  return operandFindings(condition, tag, judge);
}

function operandFindings(
  { test }: Condition<Operand>,
  tag: Tag,
  judge: ConditionSurroundings["judge"],
): readonly Finding[] {
  const numbers = test.kind === "near" || test.kind === "between";
  if (numbers && !isCompared(tag, test.kind === "near"))
    return [{ path: [], message: `is of type ${tag.type}, which is no number to compare` }];
  return operandsOf(test).flatMap((operand) => {
    const fault = operandFault(operand, tag) ?? judge?.(operand, tag);
    return fault === undefined ? [] : [{ path: [], message: fault }];
  });
}

function isCompared({ type, count }: Tag, evenArrays: boolean): boolean {
  return isNumeric(type) && (evenArrays || count === undefined);
}

/** Why a value that stands in the profile cannot be one of the tag; arguments are not judged. */
export function operandFault(operand: Operand, tag: Tag): string | undefined {
  return operand.kind === "value" ? impossible(tag, operand.value) : undefined;
}
