import type { Transaction } from "../../../src/bus/line/line.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import { between, type Instant } from "../../../src/kit/time.ts";
import { t35 } from "../../../src/modbus/wire-time.ts";
import type { ProvedLine } from "../../../src/plan/plant-proof.ts";
import { wireOf } from "../../../src/plan/wire.ts";

/** Nothing is late by a rounding error. */
const EPSILON = 1e-3;

export interface LineJudgeOptions {
  readonly line: ProvedLine;
  readonly clock: Clock;
  /** When its first frame begins. */
  readonly start: Instant;
  /** A unit that is to fall silent: what it is asked itself is not judged. */
  readonly mortal: number | undefined;
}

/** Compares what a line is asked for in turn with its table. */
export class LineJudge {
  /** Reads that were not done when their frame was, the silence after them included. */
  readonly late: string[] = [];
  readonly #options: LineJudgeOptions;
  readonly #gap: number;
  /** How many were asked for in each frame. */
  readonly #asked: number[] = [];
  #beyond = Number.NEGATIVE_INFINITY;

  constructor(options: LineJudgeOptions) {
    const wire = wireOf(options.line.settings);
    this.#options = options;
    this.#gap = wire ? t35(wire.format) : 0;
  }

  /** How far beyond a frame's end its reads went at most; below 0: what was left. */
  get beyond(): number {
    return this.#beyond;
  }

  readonly watch = ({ lane, unit }: Transaction): (() => void) => {
    const { line, clock, start, mortal } = this.#options;
    if (lane !== "read" || unit === mortal) return () => undefined;
    const frame = Math.floor((between(start, clock.now()) + EPSILON) / line.proof.frame);
    this.#asked[frame] = (this.#asked[frame] ?? 0) + 1;
    const end = start + (frame + 1) * line.proof.frame;
    return () => {
      const beyond = clock.now() + this.#gap - end;
      this.#beyond = Math.max(this.#beyond, beyond);
      if (beyond > EPSILON) this.late.push(`a read of unit ${unit} in frame ${frame} ended ${beyond} ms after it`);
    };
  };

  /** Frames so far in which something that had a turn was not asked for. */
  unread(): readonly string[] {
    const { line, clock, start, mortal } = this.#options;
    const whole = Math.floor(between(start, clock.now()) / line.proof.frame);
    return Array.from({ length: Math.max(0, whole - FIRST) }, (_, index) => index + FIRST).flatMap((frame) => {
      const planned = plannedIn(frame, line, mortal);
      const missing = planned - (this.#asked[frame] ?? 0);
      return missing > 0 ? [`${missing} of ${planned} turns of frame ${frame} passed unread`] : [];
    });
  }
}

/** The first values of all do not come in turn. */
const FIRST = 1;

function plannedIn(frame: number, { plan }: ProvedLine, mortal: number | undefined): number {
  const cycle = frame * plan.frame;
  return plan.cyclic.filter(({ block, every, phases }) => {
    return block.device.unit !== mortal && phases.includes(cycle % every);
  }).length;
}
