import { loadPrograms } from "../../../src/app/programs/load-programs.ts";
import { keptVariables } from "../../../src/app/scan/kept-variables.ts";
import { plantPrograms } from "../../../src/app/scan/plant-programs.ts";
import { programPools } from "../../../src/app/scan/program-pools.ts";
import { formatIssues } from "../../../src/config/source/config-issue.ts";
import { lineWindow } from "../../../src/config/plant/line-window.ts";
import type { Plant } from "../../../src/config/plant/plant.ts";
import { tagTable } from "../../../src/device/tag-table.ts";
import type { JobAnswer, JobSubmission } from "../../../src/job/job-request.ts";
import { type JobChange, type JobJournal, journalKey, type JournalTicket } from "../../../src/job/job-journal.ts";
import { JobPools } from "../../../src/job/job-pools.ts";
import { readJobChange } from "../../../src/job/read-job-change.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import type { Random } from "../../../src/kit/random.ts";
import { err, ok, type Result } from "../../../src/kit/result.ts";
import { ms } from "../../../src/kit/time.ts";
import { scanPlan } from "../../../src/plan/scan-plan.ts";
import { ScanEngine } from "../../../src/scan/engine.ts";
import { NO_LAST_STRETCH, Pacemaker } from "../../../src/scan/cycle/pacemaker.ts";
import type { Kept } from "../../../src/scan/devices/kept.ts";
import { permitAll } from "../../../src/scan/outputs/permit.ts";
import type { LoadedProgram } from "../../../src/scan/program/program-run.ts";
import type { Programs } from "../../../src/scan/program/programs.ts";
import type { ArmCell } from "./arm-cell.ts";
import { FakeLine } from "../scan/fake-line.ts";

/** A disk that outlives its masters; what lies on it is text. */
export class JobDisk {
  readonly records = new Map<string, string>();
  /** Every change that reached it, in order. */
  readonly history: JobChange[] = [];
  /** Retained variables of programs. */
  readonly retained = new Map<string, unknown>();
  /** Why nothing can be stored; undefined: it can. */
  refusal: string | undefined;

  store(changes: readonly JobChange[]): void {
    for (const change of changes) {
      this.history.push(change);
      if (change.kind === "forgotten") this.records.delete(journalKey(change));
      else this.records.set(journalKey(change), JSON.stringify(change));
    }
  }

  read(): readonly JobChange[] {
    return [...this.records.values()].flatMap((text) => readJobChange(JSON.parse(text)) ?? []);
  }
}

interface Ticket extends JournalTicket {
  outcome: Result<undefined, string> | undefined;
}

/** A journal that takes its time; a master that is killed loses what is not stored yet. */
class SlowJournal implements JobJournal {
  readonly stored: readonly JobChange[];
  readonly #disk: JobDisk;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #waiting: { readonly changes: readonly JobChange[]; readonly ticket: Ticket }[] = [];
  #dead = false;

  constructor(disk: JobDisk, clock: Clock, random: Random) {
    this.stored = disk.read();
    this.#disk = disk;
    this.#clock = clock;
    this.#random = random;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  append(changes: readonly JobChange[]): JournalTicket {
    const ticket: Ticket = { outcome: undefined };
    this.#waiting.push({ changes, ticket });
    this.#clock.after("disk", ms(1 + this.#random() * 50), () => this.#settle());
    return ticket;
  }

  /** The master is gone; what was on its way may have reached the disk or not. */
  kill(): void {
    this.#dead = true;
    for (const { changes } of this.#waiting.slice(0, Math.floor(this.#random() * (this.#waiting.length + 1))))
      this.#disk.store(changes);
  }

  /** In the order in which they came. */
  #settle(): void {
    const first = this.#dead ? undefined : this.#waiting.shift();
    if (!first) return;
    const { refusal } = this.#disk;
    if (refusal === undefined) this.#disk.store(first.changes);
    first.ticket.outcome = refusal === undefined ? ok(undefined) : err(refusal);
  }
}

export interface JobMasterOptions {
  readonly plant: Plant;
  readonly cell: ArmCell;
  readonly disk: JobDisk;
  readonly clock: Clock;
  readonly random: Random;
  /** Run the plant's programs, too. */
  readonly programs?: boolean;
}

/** One life of a master: engine, pools, programs and journal on a virtual clock, in front of a simulated cell. */
export class JobMaster {
  readonly pools: JobPools;
  readonly engine: ScanEngine;
  readonly programs: Programs;
  readonly answers: JobAnswer[] = [];
  readonly #journal: SlowJournal;
  readonly #pacemaker: Pacemaker;
  readonly #clock: Clock;
  readonly #lines: ReadonlyMap<string, FakeLine>;
  #dead = false;

  constructor({ plant, cell, disk, clock, random, programs = false }: JobMasterOptions) {
    const entries = tagTable(plant.devices.values());
    this.#clock = clock;
    this.#lines = new Map(
      [...plant.lines.values()].map((line) => {
        return [line.name, new FakeLine(line.name, clock, { line: lineWindow(line), unit: 4 })];
      }),
    );
    for (const { name, line, unit } of plant.devices.values()) {
      const slave = cell.units.get(name);
      if (slave) this.#lines.get(line)?.install(unit, slave);
    }
    const sink = { blocks: () => undefined, samples: () => undefined, device: () => undefined, event: () => undefined };
    this.engine = new ScanEngine({
      plant,
      entries,
      plan: scanPlan(plant, entries),
      lines: this.#lines,
      clock,
      permit: permitAll,
      logger: silentLogger,
      sink,
    });
    this.#journal = new SlowJournal(disk, clock, random);
    const { outputs, image } = this.engine;
    const answer = (given: JobAnswer): unknown => this.answers.push(given);
    this.pools = new JobPools({ plant, entries, outputs, image, journal: this.#journal, clock, answer });
    this.engine.onControl((now) => this.pools.step(now));
    const { period } = plant.scan;
    // The office stores it a moment later, unless it dies with the scan.
    const keep = ({ key, value }: Kept): unknown =>
      clock.after("disk", ms(25), () => this.#dead || disk.retained.set(key, value));
    this.programs = plantPrograms({
      ...{ entries, engine: this.engine, clock, logger: silentLogger, sink, period },
      programs: programs ? loaded(plant) : [],
      retained: keptVariables(new Map(disk.retained), keep),
      pools: programPools(this.pools, clock),
    });
    const run = (turn: Parameters<ScanEngine["cycle"]>[0]): unknown => this.engine.cycle(turn);
    this.#pacemaker = new Pacemaker({ clock, period, lastStretch: NO_LAST_STRETCH, run });
    for (const line of this.#lines.values()) line.open();
    this.#pacemaker.start();
  }

  /** Without a word, in the middle of whatever it does. */
  kill(): void {
    this.#dead = true;
    this.#pacemaker.stop();
    this.#journal.kill();
    for (const line of this.#lines.values()) line.down("killed");
  }

  submit(id: string, type: string, rest: Partial<JobSubmission> = {}): void {
    const { ...nothing } = { replyTo: undefined, takeBy: undefined, startBy: undefined };
    const order = { id, pool: "pickers", type, parameters: {}, labels: {}, priority: 5, origin: "test" };
    this.pools.submit({ ...order, ...nothing, ...rest });
  }

  get now() {
    return this.#clock.now();
  }
}

/** Anew for every life: what a program keeps between its cycles dies with the master. */
function loaded(plant: Plant): readonly LoadedProgram[] {
  const programs = loadPrograms(plant);
  if (!programs.ok) throw new Error(formatIssues(programs.failure));
  return programs.value;
}
