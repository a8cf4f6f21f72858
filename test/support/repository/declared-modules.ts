import type * as declaredBench from "../../../types/bench.d.ts";
import type * as declared from "../../../types/program.d.ts";
import type * as actualBench from "../../../src/scan/program/bench.ts";
import type * as actual from "../../../src/scan/program/takt-program.ts";

/*
 * Compiles only while types/*.d.ts declare what the modules are. `program` is told by another contract: the tags of a plant
 * are known to its declarations only.
 */
type Blocks<M> = Omit<M, "program">;

/** Nothing that is declared is missing or otherwise. */
export const declaredIsThere = (module: Blocks<typeof actual>): Blocks<typeof declared> => module;

/** Nothing is there that is not declared. */
export const thereIsDeclared = (name: keyof typeof actual): keyof typeof declared => name;

export const benchIsThere = (
  one: ReturnType<(typeof actualBench)["bench"]>,
): ReturnType<(typeof declaredBench)["bench"]> => one;

export const benchOptions = (
  one: keyof NonNullable<Parameters<(typeof actualBench)["bench"]>[1]>,
): keyof NonNullable<Parameters<(typeof declaredBench)["bench"]>[1]> => one;
