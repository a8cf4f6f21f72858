import { isArrayValue, type Scalar, type Value } from "./quality.ts";

/** A value in a command: as it stands in the profile, or what the caller gives for an argument. */
export type Operand =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "arg"; readonly arg: string }
  /** An array of which at least one element is an argument. */
  | { readonly kind: "list"; readonly items: readonly Operand[] };

/** `$speed` */
const ARGUMENT = /^\$([A-Za-z0-9][A-Za-z0-9_-]*)$/;

/** Reads a value of a profile; `$speed` is the argument speed. Whether it suits its tag is another question. */
export function buildOperand(raw: unknown): Operand {
  const arg = typeof raw === "string" ? ARGUMENT.exec(raw)?.[1] : undefined;
  if (arg !== undefined) return { kind: "arg", arg };
  if (Array.isArray(raw)) {
    const items = raw.map(buildOperand);
    if (items.some(({ kind }) => kind !== "value")) return { kind: "list", items };
  }
  // a value of the wrong shape is found by the check, which asks the tag's codec
  return { kind: "value", value: raw as Value };
}

export function argsOf(operand: Operand): readonly string[] {
  if (operand.kind === "list") return operand.items.flatMap(argsOf);
  return operand.kind === "arg" ? [operand.arg] : [];
}

/** The value with the arguments put in; each of them has one. */
export function bindOperand(operand: Operand, args: ReadonlyMap<string, Value>): Value {
  switch (operand.kind) {
    case "value":
      return operand.value;
    case "arg":
      return args.get(operand.arg) ?? "";
    case "list":
      return operand.items.flatMap((item): readonly Scalar[] => {
        const value = bindOperand(item, args);
        return isArrayValue(value) ? value : [value];
      });
  }
}

/** `$speed`, `[$x, 0]`, `true`: as it stands in the profile. */
export function formatOperand(operand: Operand): string {
  switch (operand.kind) {
    case "value":
      return isArrayValue(operand.value) ? `[${operand.value.join(", ")}]` : String(operand.value);
    case "arg":
      return `$${operand.arg}`;
    case "list":
      return `[${operand.items.map(formatOperand).join(", ")}]`;
  }
}
