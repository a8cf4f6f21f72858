import type { Clock } from "../../kit/clock.ts";
import type { LogFields, LogLevel } from "../../kit/logger.ts";
import { between, type Instant, ms, type Ms, plus } from "../../kit/time.ts";
import { ProgramMemory } from "./memory.ts";
import type { Program, ProgramContext } from "./program.ts";
import { type OpenAlarm, ProgramAlarms } from "./program-alarms.ts";
import { ProgramDiary } from "./program-diary.ts";
import { describeThrown } from "./program-error.ts";
import { type Claim, ProgramIo } from "./program-io.ts";
import { ProgramJobs, type ProgramPool } from "./program-jobs.ts";
import { ProgramOutputs } from "./program-outputs.ts";
import type { ProgramPoint } from "./program-point.ts";
import { newProgram, nextProgram, type ProgramEvent, type ProgramState } from "./program-state.ts";
import { ProgramWatch } from "./program-watch.ts";
import { type RetainedValues, RetainedVariables } from "./retained-values.ts";
import { TimeBudget } from "./time-budget.ts";

/** A program as it was loaded: its settings, its code, and where its mistakes are. */
export interface LoadedProgram {
  readonly name: string;
  readonly every: Ms;
  readonly grace: Ms;
  readonly budget: Ms;
  readonly program: Program;
  /** Where in its files an error happened: `sorting.ts:12:9`. */
  readonly locate: (error: unknown) => string | undefined;
}

export type TellProgram = (level: Exclude<LogLevel, "debug">, event: string, fields: LogFields) => void;

export interface ProgramSurroundings {
  readonly points: readonly ProgramPoint[];
  readonly claim: Claim;
  readonly clock: Pick<Clock, "now" | "wall">;
  /** Of the scan. */
  readonly period: Ms;
  readonly retained: RetainedValues;
  readonly openAlarm: OpenAlarm;
  readonly pools: ReadonlyMap<string, ProgramPool>;
  readonly tell: TellProgram;
}

/** One program in the scan: runs when it is due, and answers for its outputs in every cycle. */
export class ProgramRun {
  readonly name: string;
  readonly #loaded: LoadedProgram;
  readonly #around: ProgramSurroundings;
  readonly #io: ProgramIo;
  readonly #memory = new ProgramMemory();
  readonly #retained: RetainedVariables;
  readonly #outputs: ProgramOutputs;
  readonly #diary: ProgramDiary;
  readonly #budget: TimeBudget;
  readonly #alarms: ProgramAlarms;
  readonly #watch: ProgramWatch;
  readonly #jobs: ProgramJobs;
  readonly #context: ProgramContext<object, object>;
  #state: ProgramState;
  #due: Instant;
  #tried: Instant | undefined;
  #hasRun = false;

  constructor(loaded: LoadedProgram, around: ProgramSurroundings) {
    const { clock, retained } = around;
    this.name = loaded.name;
    this.#loaded = loaded;
    this.#around = around;
    this.#io = new ProgramIo(around.points, around.claim);
    this.#retained = new RetainedVariables(loaded.program.retained, retained.load(loaded.name));
    this.#outputs = new ProgramOutputs(loaded.name, (event, fields) => this.#tell("warn", event, fields));
    this.#diary = new ProgramDiary((level, text, fields) => this.#tell(level, "program.says", { text, ...fields }));
    this.#budget = new TimeBudget(loaded.budget);
    this.#alarms = new ProgramAlarms(loaded.name, loaded.program.alarms, around.openAlarm);
    this.#watch = new ProgramWatch(loaded.name, around.openAlarm);
    this.#jobs = new ProgramJobs(loaded.name, around.pools, clock.wall().toString(36));
    this.#context = this.#contextOf();
    this.#due = clock.now();
    this.#state = newProgram(this.#due);
  }

  get state(): ProgramState {
    return this.#state;
  }

  /** Control phase of every cycle. */
  step(now: Instant): void {
    if (this.#state.state !== "stopped")
      this.#become(this.#isDue(now) ? this.#attempt(now) : { kind: "passed", at: now });
    this.#outputs.step();
  }

  /** A cycle is a little early or late; what counts is which point of the grid is nearest. */
  #isDue(now: Instant): boolean {
    const { every } = this.#loaded;
    const late = between(this.#due, now);
    if (late + this.#around.period / 2 < 0) return false;
    const missed = Math.max(0, Math.floor(late / every + 0.25));
    this.#due = plus(this.#due, ms(every * (missed + 1)));
    return true;
  }

  #attempt(now: Instant): ProgramEvent {
    const elapsed = this.#tried === undefined ? ms(0) : between(this.#tried, now);
    this.#tried = now;
    this.#io.begin(now);
    const started = this.#around.clock.now();
    const mistake = this.#memory.cycle(elapsed, () => this.#runBody());
    this.#tellBudget(between(started, this.#around.clock.now()));
    const { blindness } = this.#io;
    const counts = mistake === undefined && blindness === undefined;
    this.#settle(counts, blindness === undefined, now);
    if (blindness) return { kind: "blind", at: now, ...blindness };
    return mistake === undefined ? { kind: "ran" } : { kind: "failed", reason: mistake };
  }

  /** What went wrong, for people; undefined: nothing. */
  #runBody(): string | undefined {
    try {
      return afterwards(this.#loaded.program.body(this.#context));
    } catch (error) {
      return this.#io.blindness ? undefined : this.#describe(error);
    }
  }

  /** Takes responsibility for what was thrown outside every cycle, if it came from this program: it stops. */
  blame(error: unknown): boolean {
    if (this.#locate(error) === undefined) return false;
    const reason = `${this.#describe(error)}, outside its cycle: a program runs to its end within it, without async`;
    this.#become({ kind: "failed", reason });
    return true;
  }

  #describe(error: unknown): string {
    const where = this.#locate(error);
    const message = describeThrown(error);
    return where === undefined ? message : `${message} (${where})`;
  }

  #locate(error: unknown): string | undefined {
    try {
      return this.#loaded.locate(error);
    } catch {
      return undefined;
    }
  }

  #settle(counts: boolean, tells: boolean, now: Instant): void {
    const { retained } = this.#around;
    this.#memory.settle(counts);
    const changed = this.#retained.settle(counts);
    if (changed) retained.changed(this.name, changed);
    this.#diary.settle(tells, now);
    this.#alarms.settle(counts);
    this.#jobs.settle(counts);
    if (counts) this.#outputs.want(this.#io.writes);
  }

  #become(event: ProgramEvent): void {
    const before = this.#state;
    const after = nextProgram(before, event, this.#loaded.grace);
    this.#state = after;
    if (after === before) return;
    this.#watch.became(after);
    if (after.state === "running") return this.#running(before);
    if (after.state === "stopped") return this.#stopped(after.reason);
    const wasSafe = before.state === "blind" && before.safe;
    if (after.safe && !wasSafe)
      this.#tell("warn", "program.blind", { tag: after.tag, reason: after.reason, ...this.#toSafe() });
  }

  /** Blindness of which nothing was told is over without a word, too. */
  #running(before: ProgramState): void {
    const wasTold = before.state === "blind" && before.safe;
    if (wasTold || !this.#hasRun) this.#tell("info", "program.running", {});
    this.#hasRun = true;
  }

  #stopped(reason: string): void {
    this.#tell("error", "program.stopped", { reason, ...this.#toSafe() });
  }

  #toSafe(): LogFields {
    this.#alarms.lose();
    const left = this.#outputs.toSafe();
    return left.length === 0 ? {} : { leftAsTheyAre: left.join(", ") };
  }

  #tellBudget(took: Ms): void {
    const news = this.#budget.took(took);
    if (!news) return;
    const { event, runs, longest } = news;
    this.#watch.tookTooLong(event === "program.overBudget");
    this.#tell(event === "program.overBudget" ? "warn" : "info", event, { budget: this.#loaded.budget, runs, longest });
  }

  #tell(level: Exclude<LogLevel, "debug">, event: string, fields: LogFields): void {
    this.#around.tell(level, event, { program: this.name, ...fields });
  }

  #contextOf(): ProgramContext<object, object> {
    const memory = this.#memory;
    const { clock } = this.#around;
    const time = {
      get now(): number {
        return memory.now;
      },
      get wall(): number {
        return clock.wall();
      },
    };
    return Object.freeze({
      io: this.#io.io,
      time,
      log: this.#diary.log,
      retain: this.#retained.retain,
      alarms: this.#alarms.alarms,
      // it has the pools of this plant, and throws for any other
      pools: this.#jobs.pools as ProgramContext<object, object>["pools"],
    });
  }
}

/** A program that promises to go on later would do so outside its cycle. */
function afterwards(returned: unknown): string | undefined {
  if (typeof returned !== "object" || returned === null || !("then" in returned)) return undefined;
  if (returned instanceof Promise) returned.catch(() => undefined);
  return "it returned a promise; a program runs to its end within its cycle, without async";
}
