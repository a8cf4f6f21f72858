import { playFaults, randomPlan, type ScriptedFault } from "../../../simulators/faults/fault-plan.ts";
import { MEDIA } from "../../../simulators/faults/fault.ts";
import type { Plant } from "../../../src/config/plant/plant.ts";
import type { Device } from "../../../src/device/profile.ts";
import type { TagEntry } from "../../../src/device/tag-table.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import { type LogFields, loggerTo } from "../../../src/kit/logger.ts";
import type { Random } from "../../../src/kit/random.ts";
import { type Instant, instant, type Ms, ms, plus } from "../../../src/kit/time.ts";
import { maxAges } from "../../../src/scan/image/max-age.ts";
import type { ScanSink } from "../../../src/scan/scan-sink.ts";
import { type ScanSide, scanSide } from "../scan/scan-side.ts";
import type { HonestSlave } from "./honest-slave.ts";
import { playMishaps } from "./mishaps.ts";
import { Operator } from "./operator.ts";
import { Oracle } from "./oracle.ts";
import { FORBIDDEN } from "./plant-of-seed.ts";
import type { LineSite } from "./line-site.ts";
import { type RunTotals, totalsOf } from "./run-totals.ts";
import type { TraceHash } from "./trace-hash.ts";
import { ALL_TROUBLES, type Trouble } from "./trouble.ts";
import { Excuses, unnoticeablePlan } from "./unnoticeable.ts";

export interface PlantRunOptions {
  readonly plant: Plant;
  /** By device. */
  readonly slaves: ReadonlyMap<string, HonestSlave>;
  readonly sites: readonly LineSite[];
  readonly clock: Clock;
  /** A source of chance for each purpose, so that none depends on another. */
  readonly chance: (purpose: string) => Random;
  readonly hash: TraceHash;
  /** What goes wrong; everything where it is not said. */
  readonly troubles?: ReadonlySet<Trouble> | undefined;
}

/** What became of a run. */
export interface PlantReport {
  /** Every broken promise; there must be none. */
  readonly broken: readonly string[];
  /** When the first of them was. */
  readonly brokenSince: Instant | undefined;
  /** Good values that were compared with what their slave held. */
  readonly judged: number;
  /** Good values that it did not hold, through a fault that no master can notice. */
  readonly excused: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly events: Readonly<Record<string, number>>;
  readonly totals: RunTotals;
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
  readonly #excuses: ReadonlyMap<string, Excuses>;
  readonly #mishap: Random;
  readonly #events: Record<string, number> = {};
  readonly #broken: string[] = [];
  #brokenSince: Instant | undefined;
  #permit: { readonly granted: boolean; readonly since: Instant } = { granted: true, since: instant(0) };

  constructor(options: PlantRunOptions) {
    const { plant, clock, sites, chance } = options;
    this.#options = options;
    this.#mishap = chance("mishap");
    const now = clock.now.bind(clock);
    this.#excuses = new Map(
      sites.map((site) => [site.line.name, new Excuses(site.faults, victimsOf(site).timeout, now)]),
    );
    this.#side = scanSide({
      plant,
      clock,
      lines: new Map(sites.map(({ line }) => [line.name, line])),
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
    const excused = ({ line, unit }: Device): boolean => this.#excuses.get(line)?.excused(unit) === true;
    this.#oracle = new Oracle({
      ...options,
      ...this.#side,
      maxAges: maxAges(this.#side.entries, plant.scan.classes),
      excused,
    });
    this.#operator = new Operator({
      ...options,
      random: chance("operator"),
      set: (command) => this.#side.executor.accept(command),
      trusted: (device) => !excused(device),
      accuse: (what) => this.#accuse(what),
    });
  }

  /** Told by the slaves: a write was carried out. */
  wrote(device: string, tag: string): void {
    const now = this.#options.clock.now();
    const { granted, since } = this.#permit;
    const late = !granted && now > plus(since, UNDER_WAY);
    if (tag === FORBIDDEN || late) this.#accuse(`${device}: ${tag} was written without a permit`);
  }

  /** Runs for `span`; `pass` lets time pass. Ends with a quiet while in which every command must end. */
  async run(span: Ms, pass: (span: Ms) => Promise<void>): Promise<PlantReport> {
    const { clock, sites } = this.#options;
    const { engine, pacemaker } = this.#side;
    for (const { line } of sites) line.open();
    pacemaker.start();
    const operating = clock.every("operator", ms(2000), () => this.#operator.act());
    for (let left: number = span; left > 0; left -= CHAPTER) {
      const chapter = ms(Math.min(left, CHAPTER));
      const end = this.#trouble();
      await pass(chapter);
      end();
    }
    operating.cancel();
    await pass(QUIET);
    pacemaker.stop();
    for (const { line } of sites) await line.close();
    const bug = await engine.close();
    if (bug) this.#accuse(String(bug.error));
    return this.#report();
  }

  #report(): PlantReport {
    const { hash, sites } = this.#options;
    this.#operator.countPulses();
    for (const id of this.#operator.open) this.#accuse(`${id} has no outcome`);
    const { judged, excused, wrong, wrongSince } = this.#oracle.verdicts;
    const since = Math.min(wrongSince ?? Infinity, this.#brokenSince ?? Infinity);
    return {
      broken: [...wrong, ...this.#broken],
      brokenSince: since < Infinity ? instant(since) : undefined,
      judged,
      excused,
      outcomes: this.#operator.outcomes,
      events: this.#events,
      totals: totalsOf(sites.map(({ line }) => line.statistics())),
      hash: hash.text,
    };
  }

  /** The plans are always for a whole chapter: a run that ends sooner is the beginning of one that does not. */
  #trouble(): () => void {
    const { clock, chance, sites, troubles = ALL_TROUBLES } = this.#options;
    const ends = sites.flatMap((site) => this.#troubleOn(site));
    const mishaps = [...sites.flatMap((site) => site.mishaps), () => this.#takeOut(), () => this.#forbid()];
    if (troubles.has("mishaps")) ends.push(playMishaps({ clock, random: chance("mishaps"), mishaps }));
    return () => ends.forEach((end) => end());
  }

  #troubleOn(site: LineSite): readonly (() => void)[] {
    const { clock, chance, troubles = ALL_TROUBLES } = this.#options;
    const { faults, line } = site;
    const victims = victimsOf(site);
    const ends: (() => void)[] = [];
    if (troubles.has("transactions")) ends.push(faults.add({ kind: "any", rate: FAULT_RATE, latest: victims.latest }));
    const random = chance(`incidents ${line.name}`);
    const incidents = randomPlan({ random, span: CHAPTER, units: victims.units, every: INCIDENT_EVERY });
    const unnoticeable = unnoticeablePlan(chance(`unnoticeable ${line.name}`), CHAPTER, victims);
    const possible = ({ kind }: ScriptedFault): boolean => MEDIA[kind].includes(faults.medium);
    if (troubles.has("incidents")) ends.push(playFaults(incidents.filter(possible), faults, clock));
    if (troubles.has("unnoticeable")) ends.push(playFaults(unnoticeable.filter(possible), faults, clock));
    return ends;
  }

  #accuse(what: string): void {
    const now = this.#options.clock.now();
    this.#brokenSince ??= now;
    this.#broken.push(`${what}, at ${now} ms`);
  }

  /** A device is taken out of service for a while. */
  #takeOut(): () => void {
    const { engine } = this.#side;
    const names = [...this.#options.plant.devices.keys()];
    const name = names[Math.floor(this.#mishap() * names.length)] ?? "";
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

/** Answers are late by `latest` at most, so that they come while the master still leaves their unit alone. */
function victimsOf({ devices }: LineSite): {
  readonly units: readonly number[];
  readonly timeout: Ms;
  readonly latest: Ms;
} {
  const timeouts = devices.map(({ timing }) => timing.responseTimeout);
  return {
    units: devices.map(({ unit }) => unit),
    timeout: ms(Math.max(...timeouts)),
    latest: ms(2 * Math.min(...timeouts)),
  };
}
