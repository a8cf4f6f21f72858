import type { Kept, Recalled } from "../../link/messages.ts";
import type { Retained, RetainedRecord } from "../../scan/program/program.ts";
import type { RetainedValues } from "../../scan/program/retained-values.ts";

/** Retained variables of programs in the office's store, each by itself: the newest value of each is what is kept. */
export function keptVariables(recalled: Recalled["retained"], keep: (kept: Kept) => void): RetainedValues {
  return {
    load(program) {
      const own = `${program}/`;
      const kept = [...recalled].filter(([key]) => key.startsWith(own));
      if (kept.length === 0) return undefined;
      // stored as JSON, and judged by the program's own first values
      return Object.fromEntries(kept.map(([key, value]) => [key.slice(own.length), value as Retained]));
    },
    changed(program: string, values: RetainedRecord) {
      for (const [name, value] of Object.entries(values)) keep({ shelf: "retained", key: `${program}/${name}`, value });
    },
  };
}
