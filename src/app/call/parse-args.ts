import { didYouMean } from "../../device/did-you-mean.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import type { DescribedArg, DescribedCommand } from "../control/control-message.ts";

/** Reads `speed=0.5 side=left` by what the command takes; the master judges the values. The failure is a sentence. */
export function parseArgs(
  words: readonly string[],
  { args }: DescribedCommand,
): Result<Readonly<Record<string, unknown>>, string> {
  const given: Record<string, unknown> = {};
  for (const word of words) {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
    if (name === undefined || text === undefined)
      return err(`"${word}" is no argument; write name=value, as in speed=0.5`);
    const arg = Object.hasOwn(args, name) ? args[name] : undefined;
    if (!arg) {
      const names = Object.keys(args);
      return err(`unknown argument "${name}"; ${names.length === 0 ? "it takes none" : didYouMean(name, names)}`);
    }
    if (Object.hasOwn(given, name)) return err(`${name} is given twice`);
    const value = parseValue(name, text, arg);
    if (!value.ok) return value;
    given[name] = value.value;
  }
  return ok(given);
}

function parseValue(name: string, text: string, { type }: DescribedArg): Result<unknown, string> {
  if (type === "bool") {
    if (text === "true" || text === "on") return ok(true);
    return text === "false" || text === "off" ? ok(false) : err(`${name}: "${text}" is neither true nor false`);
  }
  if (type !== "number" && type !== "integer") return ok(text);
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? ok(Number(text)) : err(`${name}: "${text}" is no number`);
}
