import { inspect } from "node:util";

/** Thrown when takt contradicts itself: a bug of ours, never a fault of the field. The scan then stops in order. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws {@link InvariantError} unless `condition` holds. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Marks the end of an exhaustive switch: compiles only when every case was handled. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable case: ${inspect(value)}`);
}
