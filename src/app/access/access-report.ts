import type { AccessFailure } from "../../link/messages.ts";
import type { Access } from "./access.ts";
import { describeAccessFailure } from "./access.ts";
import { accessHint, type Asked } from "./access-hint.ts";

/** What went wrong and what to do about it, in two lines. */
export function failureText(failure: AccessFailure, asked: Asked): string {
  const head = `${asked.range} of unit ${asked.unit} at ${asked.target}: ${describeAccessFailure(failure)}`;
  const hint = accessHint(failure, asked);
  return hint === undefined ? head : `${head}\n  ${hint}`;
}

/** The same for programs. */
export function failureJson(failure: AccessFailure, asked: Asked): unknown {
  return {
    target: asked.target,
    unit: asked.unit,
    range: asked.range,
    failure: { ...failure, message: describeAccessFailure(failure), hint: accessHint(failure, asked) },
  };
}

/** What is said above a result: where it comes from, what a classic number was taken for, and which way it went. */
export function headLines(what: string, note: string | undefined, access: Access): string {
  return [what, note, access.through].filter((line) => line !== undefined).join("\n");
}
