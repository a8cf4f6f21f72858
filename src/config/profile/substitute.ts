import { didYouMean } from "../../device/did-you-mean.ts";
import type { Located, LocatedScalar, Place } from "../source/located.ts";

/** What `${name}` stands for. */
export type Bindings = ReadonlyMap<string, string | number | boolean>;

/** Something wrong with a placeholder. */
export interface PlaceholderMistake {
  readonly at: Place;
  readonly message: string;
  readonly hint?: string;
}

const PLACEHOLDER = /\$\{([^}]*)\}/g;
const WHOLLY = /^\$\{([^}]*)\}$/;
const EXPRESSION = /^\s*([A-Za-z][A-Za-z0-9_-]*?)\s*(?:([+\-*])\s*(\d+))?\s*$/;

/**
 * `node` with its placeholders filled in, every part where it was. A scalar that is wholly one placeholder becomes the
 * bound value, a number for instance; within text it becomes part of the text. Keys are left alone.
 */
export function substitute(node: Located, bindings: Bindings, report: (mistake: PlaceholderMistake) => void): Located {
  switch (node.kind) {
    case "map": {
      const entries = [...node.entries].map(
        ([key, { keyAt, value }]) => [key, { keyAt, value: substitute(value, bindings, report) }] as const,
      );
      return { ...node, entries: new Map(entries) };
    }
    case "list":
      return { ...node, items: node.items.map((item) => substitute(item, bindings, report)) };
    case "scalar":
      return typeof node.value === "string" ? { ...node, value: fill(node.value, bindings, node.at, report) } : node;
  }
}

/** `text` with its placeholders filled in; those that cannot be stay as they are and are reported. */
export function fill(
  text: string,
  bindings: Bindings,
  at: Place,
  report: (mistake: PlaceholderMistake) => void,
): LocatedScalar {
  const valueOf = (expression: string): string | number | boolean => {
    const value = evaluate(expression, bindings);
    if (typeof value !== "object") return value;
    report({ at, ...value });
    return `\${${expression}}`;
  };
  const wholly = WHOLLY.exec(text);
  if (wholly) return valueOf(wholly[1] ?? "");
  return text.replaceAll(PLACEHOLDER, (_, expression: string) => String(valueOf(expression)));
}

/** Whether `text` still holds a placeholder. */
export function hasPlaceholder(text: string): boolean {
  return text.search(PLACEHOLDER) >= 0;
}

/** Whether `${name}` means this name: it begins with a letter, and does not end like a sum, as `line-2` does. */
export function isPlaceholderName(name: string): boolean {
  return EXPRESSION.exec(name)?.[1] === name;
}

type Wrong = Omit<PlaceholderMistake, "at">;

function evaluate(expression: string, bindings: Bindings): string | number | boolean | Wrong {
  const match = EXPRESSION.exec(expression);
  if (!match) {
    const hint = "write ${name}, ${name+3}, ${name-1} or ${name*2}";
    return { message: `placeholder "\${${expression}}" makes no sense`, hint };
  }
  const [, name = "", operator, operand] = match;
  const bound = bindings.get(name);
  if (bound === undefined) {
    return {
      message: `placeholder "\${${expression}}" names nothing known`,
      hint: didYouMean(name, [...bindings.keys()]),
    };
  }
  if (operator === undefined) return bound;
  if (typeof bound !== "number") return { message: `"\${${expression}}" cannot be computed: ${name} is no number` };
  const by = Number(operand);
  return operator === "+" ? bound + by : operator === "-" ? bound - by : bound * by;
}
