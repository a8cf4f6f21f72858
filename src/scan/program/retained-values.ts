import { isDeepStrictEqual } from "node:util";
import type { Retained, RetainedRecord } from "./program.ts";
import { ProgramError } from "./program-error.ts";

/** Where retained variables outlive the master. The composition root supplies it; it never waits. */
export interface RetainedValues {
  /** What was kept of a program when the master last ran; undefined: nothing. Asked once, at the program's start. */
  load(program: string): RetainedRecord | undefined;
  /** The variables of a program that changed in a cycle that counted, with their new values. */
  changed(program: string, values: RetainedRecord): void;
}

/** Keeps them no longer than the master runs. */
export const forgetful: RetainedValues = { load: () => undefined, changed: () => undefined };

/** Characters of JSON that one variable may take. */
const MOST_CHARACTERS = 65_536;

/** What a program calls `retain`: the variables it named, each of them all JSON can say. */
export class RetainedVariables {
  readonly retain: object;
  readonly #kept = new Map<string, Retained>();
  readonly #draft = new Map<string, Retained>();

  /** What was kept counts where it is of the same kind as the first value: else the program is another one by now. */
  constructor(first: RetainedRecord, kept: RetainedRecord = {}) {
    const retain = {};
    for (const [name, value] of Object.entries(first)) {
      const before = kept[name];
      this.#kept.set(name, frozen(name, before !== undefined && kindOf(before) === kindOf(value) ? before : value));
      Object.defineProperty(retain, name, {
        get: () => this.#draft.get(name) ?? this.#kept.get(name),
        set: (next: Retained) => this.#draft.set(name, frozen(name, next)),
        enumerable: true,
      });
    }
    this.retain = Object.preventExtensions(retain);
  }

  /** Ends a cycle; gives what changed in it, where it counts. */
  settle(keep: boolean): RetainedRecord | undefined {
    const changed = [...this.#draft].filter(([name, value]) => !isDeepStrictEqual(value, this.#kept.get(name)));
    this.#draft.clear();
    if (!keep || changed.length === 0) return undefined;
    for (const [name, value] of changed) this.#kept.set(name, value);
    return Object.fromEntries(changed);
  }
}

function kindOf(value: Retained): string {
  return Array.isArray(value) ? "list" : value === null ? "null" : typeof value;
}

/** A copy that nobody changes behind our back; anything but JSON is a mistake. */
function frozen(name: string, value: Retained): Retained {
  if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return value;
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined || text.length > MOST_CHARACTERS) {
    throw new ProgramError(`retain.${name} takes JSON of at most ${MOST_CHARACTERS} characters`);
  }
  const copy = JSON.parse(text) as Retained;
  if (!isDeepStrictEqual(copy, value)) throw new ProgramError(`retain.${name} takes JSON; this loses something`);
  return freeze(copy);
}

function freeze(value: Retained): Retained {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
