import { playFaults, randomPlan } from "../../../simulators/faults/fault-plan.ts";
import type { LineFaults } from "../../../simulators/faults/line-faults.ts";
import type { Line } from "../../../src/bus/line.ts";
import type { LineStatistics } from "../../../src/bus/line-statistics.ts";
import type { Plant } from "../../../src/config/plant.ts";
import type { TagEntry } from "../../../src/device/tag-table.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import { type LogFields, loggerTo } from "../../../src/kit/logger.ts";
import type { Random } from "../../../src/kit/random.ts";
import { type Instant, instant, type Ms, ms, plus } from "../../../src/kit/time.ts";
import { maxAges } from "../../../src/scan/max-age.ts";
import type { ScanSink } from "../../../src/scan/scan-sink.ts";
import { type ScanSide, scanSide } from "../scan-side.ts";
import type { HonestSlave } from "./honest-slave.ts";
import { type Mishap, playMishaps } from "./mishaps.ts";
import { Operator } from "./operator.ts";
import { Oracle } from "./oracle.ts";
import { FORBIDDEN } from "./plant-of-seed.ts";
import type { TraceHash } from "./trace-hash.ts";
import { Excuses, unnoticeablePlan } from "./unnoticeable.ts";

export interface PlantRunOptions {
  readonly plant: Plant;
  readonly slaves: ReadonlyMap<number, HonestSlave>;
  readonly faults: LineFaults;
  readonly line: Line;
  readonly clock: Clock;
  readonly random: Random;
  readonly hash: TraceHash;
  /** What may happen to the adapter. */
  readonly mishaps: readonly Mishap[];
}

/** What became of a run. */
export interface PlantReport {
  /** Every broken promise; there must be none. */
  readonly broken: readonly string[];
  /** Good values that were compared with what their slave held. */
  readonly judged: number;
  /** Good values that it did not hold, through a fault that no master can notice. */
  readonly excused: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly events: Readonly<Record<string, number>>;
  readonly statistics: LineStatistics;
  /** The same seed gives the same. */
  readonly hash: string;
}

/** A permission that was taken back holds for what is under way: until its time to live is over and it is verified. */
const UNDER_WAY = ms(4000);

/** This share of the transactions goes wrong in some way, whatever else happens. */
const FAULT_RATE = 0.03;

/** The whole image is looked at in every so many cycles, what changes in it in each. */
const INSPECTED = 7;

/** More than a command's time to live and the time to verify it. */
const QUIET = ms(5000);

/** How far incidents on the wire are apart. */
const INCIDENT_EVERY = ms(15_000);

/** Troubles are planned for so long at a time. */
const CHAPTER = ms(600_000);

/** The scan side at work in a plant where everything goes wrong, and an oracle beside it that knows what the slaves hold. */
export class PlantRun {
  readonly #options: PlantRunOptions;
  readonly #side: ScanSide;
  readonly #oracle: Oracle;
  readonly #operator: Operator;
  readonly #excuses: Excuses;
  readonly #events: Record<string, number> = {};
  readonly #broken: string[] = [];
  #permit: { readonly granted: boolean; readonly since: Instant } = { granted: true, since: instant(0) };

  constructor(options: PlantRunOptions) {
    const { plant, clock, line } = options;
    this.#options = options;
    this.#excuses = new Excuses(options.faults, () => clock.now());
    this.#side = scanSide({
      plant,
      clock,
      lines: new Map([[line.name, line]]),
      permit: (entry) => this.#mayWrite(entry),
      logger: loggerTo(({ event, fields }) => this.#note(event, fields)),
      sink: this.#sink(),
      answered: (result) => {
        options.hash.string(`${result.id} ${result.outcome}`);
        this.#operator.answered(result);
      },
      cycled: ({ cycle }) => {
        if (cycle % INSPECTED === 0) this.#oracle.inspect(this.#side.engine.image, clock.now());
      },
    });
    const excused = this.#excuses.excused.bind(this.#excuses);
    this.#oracle = new Oracle({
      ...options,
      ...this.#side,
      maxAges: maxAges(this.#side.entries, plant.scan.classes),
      excused,
    });
    this.#operator = new Operator({
      ...options,
      set: (command) => this.#side.executor.accept(command),
      trusted: (unit) => !excused(unit),
      accuse: (what) => this.#broken.push(`${what}, at ${clock.now()} ms`),
    });
  }

  /** Told by the slaves: a write was carried out. */
  wrote(unit: number, tag: string): void {
    const now = this.#options.clock.now();
    const { granted, since } = this.#permit;
    const late = !granted && now > plus(since, UNDER_WAY);
    if (tag === FORBIDDEN || late) this.#broken.push(`unit ${unit}: ${tag} was written without a permit at ${now} ms`);
  }

  /** Runs for `span`; `pass` lets time pass. Ends with a quiet while in which every command must end. */
  async run(span: Ms, pass: (span: Ms) => Promise<void>): Promise<PlantReport> {
    const { clock, line } = this.#options;
    const { engine, pacemaker } = this.#side;
    line.open();
    pacemaker.start();
    const operating = clock.every("operator", ms(2000), () => this.#operator.act());
    for (let left: number = span; left > 0; left -= CHAPTER) {
      const chapter = ms(Math.min(left, CHAPTER));
      const end = this.#trouble(chapter);
      await pass(chapter);
      end();
    }
    operating.cancel();
    await pass(QUIET);
    pacemaker.stop();
    await line.close();
    const bug = await engine.close();
    if (bug) this.#broken.push(String(bug.error));
    return this.#report();
  }

  #report(): PlantReport {
    const { hash, line } = this.#options;
    const { judged, excused, wrong } = this.#oracle.verdicts;
    this.#operator.countPulses();
    const unanswered = this.#operator.open.map((id) => `${id} has no outcome`);
    return {
      broken: [...wrong, ...this.#broken, ...unanswered],
      judged,
      excused,
      outcomes: this.#operator.outcomes,
      events: this.#events,
      statistics: line.statistics(),
      hash: hash.text,
    };
  }

  #trouble(span: Ms): () => void {
    const { faults, clock, random, slaves, mishaps } = this.#options;
    const units = [...slaves.keys()];
    const always = faults.add({ kind: "any", rate: FAULT_RATE });
    const ends = [
      playFaults(randomPlan({ random, span, units, every: INCIDENT_EVERY }), faults, clock),
      playFaults(unnoticeablePlan(random, span, units), faults, clock),
      playMishaps({ clock, random, mishaps: [...mishaps, () => this.#takeOut(), () => this.#forbid()] }),
    ];
    return () => [always, ...ends].forEach((end) => end());
  }

  /** A device is taken out of service for a while. */
  #takeOut(): () => void {
    const { engine } = this.#side;
    const { plant, random } = this.#options;
    const names = [...plant.devices.keys()];
    const name = names[Math.floor(random() * names.length)] ?? "";
    engine.setService(name, false);
    return () => engine.setService(name, true);
  }

  /** Another master holds the outputs for a while. */
  #forbid(): () => void {
    const { clock } = this.#options;
    this.#permit = { granted: false, since: clock.now() };
    return () => (this.#permit = { granted: true, since: clock.now() });
  }

  #mayWrite(entry: TagEntry): { readonly granted: true } | { readonly granted: false; readonly reason: string } {
    if (this.#permit.granted && entry.tag.name !== FORBIDDEN) return { granted: true };
    return { granted: false, reason: "another master holds it" };
  }

  #note(event: string, fields: LogFields): void {
    this.#options.hash.string(`${event} ${Object.values(fields).join(" ")}`);
  }

  #sink(): ScanSink {
    const { clock, hash } = this.#options;
    return {
      blocks: (blocks) => this.#oracle.blocks(blocks),
      samples: (batch) => {
        for (const { tag, value, quality } of batch.samples) hash.string(`${tag}${String(value)}${quality}`);
        for (const { block, sourceTime } of batch.renewed) hash.number(block + sourceTime);
        this.#oracle.published(batch, clock.now());
      },
      device: ({ device, status }) => hash.string(`${device} ${status}`),
      event: ({ event }) => (this.#events[event] = (this.#events[event] ?? 0) + 1),
    };
  }
}
