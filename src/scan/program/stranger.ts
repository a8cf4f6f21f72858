import { didYouMean } from "../../device/did-you-mean.ts";
import { ProgramError } from "./program-error.ts";

/** What answers for every name that does not exist: the prototype of an object with the names that do. */
export function stranger(what: string, known: readonly string[]): object {
  const refuse = (name: string): never => {
    throw new ProgramError(`unknown ${what} "${name}"; ${didYouMean(name, known)}`);
  };
  return new Proxy(Object.freeze({}), {
    get: (_, name) => (typeof name === "string" ? refuse(name) : undefined),
    set: (_, name) => refuse(String(name)),
  });
}
