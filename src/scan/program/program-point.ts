import type { Sample, Value } from "../../device/quality.ts";
import type { WriteRule } from "../../device/tag.ts";
import type { Result } from "../../kit/result.ts";
import type { PendingWrite } from "../outputs/outputs.ts";

/** One tag as a program meets it: in a plant its place in the image and in the outputs, on a bench a value. */
export interface ProgramPoint {
  readonly device: string;
  readonly tag: string;
  /** `infeed.exitEye` */
  readonly path: string;
  readonly kind: "input" | "level" | "pulse";
  /** Why a program cannot read it; undefined: it can. */
  readonly unread: string | undefined;
  readonly safe: WriteRule["safe"];
  /** As it stood at the last latch. */
  sample(): Sample;
  /** The value as its registers hold it, or what is wrong with it: a mistake of whoever wants it there. */
  fit(value: Value): Result<Value, string>;
  /** What a level is kept at now; undefined: it takes what the slave holds. */
  wanted(): Value | undefined;
  /** Passes a fit value of a program on through the gate, or says why it may not be written now. */
  write(value: Value, program: string): Result<PendingWrite | undefined, string>;
}
