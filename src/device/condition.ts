import { didYouMean } from "./did-you-mean.ts";
import type { Finding } from "./finding.ts";
import { buildOperand, type Operand } from "./operand.ts";
import type { Value } from "./quality.ts";

/** What a tag has to be. A tag that is not good never is. */
export interface Condition<O = Value> {
  readonly tag: string;
  readonly test: Test<O>;
}

export type Test<O = Value> =
  | { readonly kind: "is"; readonly any: readonly O[] }
  | { readonly kind: "not"; readonly none: readonly O[] }
  | { readonly kind: "near"; readonly value: O; readonly tolerance: number }
  /** At least one of the two is given. */
  | { readonly kind: "between"; readonly above: O | undefined; readonly below: O | undefined };

/** A condition and what makes no sense in its form; paths begin at the condition. */
export interface BuiltCondition {
  readonly condition: Condition<Operand>;
  readonly findings: readonly Finding[];
}

/**
 * Reads what stands behind the tag's name: a value, a list of which any will do (of an array tag: the array),
 * `{ not: … }`, `{ above: …, below: … }` or `{ near: …, tolerance: … }`.
 */
export function buildCondition(name: string, raw: unknown, isArray: boolean): BuiltCondition {
  const anyOf = (given: unknown): readonly Operand[] =>
    Array.isArray(given) && !isArray ? given.map(buildOperand) : [buildOperand(given)];
  const built = (test: Test<Operand>, findings: readonly Finding[] = []): BuiltCondition => ({
    condition: { tag: name, test },
    findings,
  });
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return built({ kind: "is", any: anyOf(raw) });
  const given = new Map<string, unknown>(Object.entries(raw));
  const findings = formFindings(given);
  const operand = (key: string): Operand | undefined => (given.has(key) ? buildOperand(given.get(key)) : undefined);
  const tolerance = given.get("tolerance");
  const near = operand("near");
  if (given.has("not")) return built({ kind: "not", none: anyOf(given.get("not")) }, findings);
  if (near) return built({ kind: "near", value: near, tolerance: Number(tolerance) }, findings);
  return built({ kind: "between", above: operand("above"), below: operand("below") }, findings);
}

const FORMS: readonly (readonly string[])[] = [
  ["not"],
  ["near", "tolerance"],
  ["above", "below"],
  ["above"],
  ["below"],
];
const FORM_HINT = "as in { not: fault }, { above: 0.1 }, { above: 0.1, below: 2 } or { near: 0.5, tolerance: 0.01 }";

function formFindings(given: ReadonlyMap<string, unknown>): readonly Finding[] {
  const known = [...new Set(FORMS.flat())];
  const unknown = [...given.keys()].filter((key) => !known.includes(key));
  if (unknown.length > 0) {
    return unknown.map((key) => {
      return { path: [key], message: `unknown key "${key}" in a condition`, hint: didYouMean(key, known), atKey: true };
    });
  }
  const fits = FORMS.some((form) => form.length === given.size && form.every((key) => given.has(key)));
  if (!fits) return [{ path: [], message: "is no condition", hint: FORM_HINT }];
  const tolerance = given.get("tolerance");
  if (tolerance === undefined || (typeof tolerance === "number" && tolerance >= 0)) return [];
  return [{ path: ["tolerance"], message: "tolerance has to be a number, 0 or above" }];
}

/** Everything the test compares with. */
export function operandsOf<O>(test: Test<O>): readonly O[] {
  switch (test.kind) {
    case "is":
      return test.any;
    case "not":
      return test.none;
    case "near":
      return [test.value];
    case "between":
      return [test.above, test.below].filter((operand) => operand !== undefined);
  }
}

/** The same test with every operand translated. */
export function mapTest<O, P>(test: Test<O>, bind: (operand: O) => P): Test<P> {
  switch (test.kind) {
    case "is":
      return { kind: "is", any: test.any.map(bind) };
    case "not":
      return { kind: "not", none: test.none.map(bind) };
    case "near":
      return { kind: "near", value: bind(test.value), tolerance: test.tolerance };
    case "between": {
      const { above, below } = test;
      return {
        kind: "between",
        above: above === undefined ? undefined : bind(above),
        below: below === undefined ? undefined : bind(below),
      };
    }
  }
}

/** `jam is false`, `state is idle or moving`, `speed is above 0.1`: for people. */
export function formatCondition<O>({ tag, test }: Condition<O>, show: (operand: O) => string): string {
  const list = (operands: readonly O[]): string => operands.map(show).join(" or ");
  switch (test.kind) {
    case "is":
      return `${tag} is ${list(test.any)}`;
    case "not":
      return `${tag} is not ${list(test.none)}`;
    case "near":
      return `${tag} is ${show(test.value)} within ${test.tolerance}`;
    case "between": {
      const parts = [
        test.above === undefined ? undefined : `above ${show(test.above)}`,
        test.below === undefined ? undefined : `below ${show(test.below)}`,
      ];
      return `${tag} is ${parts.filter((part) => part !== undefined).join(" and ")}`;
    }
  }
}
