import { succeeded } from "../../device/outcome.ts";
import type { Value } from "../../device/quality.ts";
import type { LogFields } from "../../kit/logger.ts";
import type { PendingWrite } from "../outputs/outputs.ts";
import { sameValue } from "../image/process-image.ts";
import type { ProgramPoint } from "./program-point.ts";

/** Tells something that happened to an output. */
export type TellOutput = (event: string, fields: LogFields) => void;

interface Pulse {
  readonly point: ProgramPoint;
  readonly write: PendingWrite;
}

/**
 * The outputs of one program. A level is kept at what the program wants. A pulse goes out when it is wanted and was not in
 * the run before; `false` is no pulse.
 */
export class ProgramOutputs {
  readonly #program: string;
  readonly #tell: TellOutput;
  readonly #levels = new Set<ProgramPoint>();
  readonly #refused = new Map<ProgramPoint, string>();
  /** To be safe, and whether the gate has let that through. */
  readonly #safe = new Map<ProgramPoint, boolean>();
  readonly #pulses = new Set<Pulse>();
  #before: ReadonlyMap<ProgramPoint, Value> = new Map();

  constructor(program: string, tell: TellOutput) {
    this.#program = program;
    this.#tell = tell;
  }

  /** What a run that counts wants. */
  want(writes: ReadonlyMap<ProgramPoint, Value>): void {
    for (const [point, made] of this.#safe) if (made) this.#safe.delete(point);
    for (const [point, value] of writes) {
      if (point.kind === "level") this.#level(point, value);
      else if (value !== false && !sameValue(this.#before.get(point), value)) this.#pulse(point, value);
    }
    this.#before = writes;
  }

  /** Begins to bring everything it ever wrote to its safe state; names what nobody declared a safe value for. */
  toSafe(): readonly string[] {
    // A pulse that was wanted is not wanted anew because nothing was seen in between.
    this.#before = new Map([...this.#before].filter(([{ kind }]) => kind !== "level"));
    for (const point of this.#levels) if (typeof point.safe === "object") this.#safe.set(point, false);
    return [...this.#levels].filter(({ safe }) => safe === undefined).map(({ path }) => path);
  }

  /** Once a cycle: what is to be safe is tried until the gate lets it through, and again when a device comes back without it. */
  step(): void {
    for (const [point, made] of this.#safe) {
      if (typeof point.safe !== "object" || (made && point.wanted() !== undefined)) continue;
      this.#safe.set(point, this.#write(point, point.safe.value));
    }
    for (const pulse of this.#pulses) this.#look(pulse);
  }

  #level(point: ProgramPoint, value: Value): void {
    this.#levels.add(point);
    this.#safe.delete(point);
    this.#write(point, value);
  }

  #write(point: ProgramPoint, value: Value): boolean {
    if (sameValue(point.wanted(), value)) return true;
    const written = point.write(value, this.#program);
    if (written.ok) this.#refused.delete(point);
    else this.#tellRefused(point, written.failure);
    return written.ok;
  }

  #pulse(point: ProgramPoint, value: Value): void {
    const written = point.write(value, this.#program);
    if (!written.ok) return this.#tellRefused(point, written.failure);
    this.#refused.delete(point);
    if (written.value) this.#pulses.add({ point, write: written.value });
  }

  #look(pulse: Pulse): void {
    const { result } = pulse.write;
    if (!result) return;
    this.#pulses.delete(pulse);
    if (succeeded(result.outcome)) return;
    const { outcome, reason } = result;
    this.#tell("program.pulseFailed", { output: pulse.point.path, outcome, reason });
  }

  /** Once for each reason: a program that asks in every cycle is told no in every cycle. */
  #tellRefused(point: ProgramPoint, reason: string): void {
    if (this.#refused.get(point) === reason) return;
    this.#refused.set(point, reason);
    this.#tell("program.outputRejected", { output: point.path, reason });
  }
}
