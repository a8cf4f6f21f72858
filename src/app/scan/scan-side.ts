import { Alarms } from "../../alarm/alarms.ts";
import type { Line } from "../../bus/line/line.ts";
import { openLine } from "../../bus/open-line.ts";
import { CommandExecutor } from "../../command/executor.ts";
import type { Plant } from "../../config/plant/plant.ts";
import type { Settings } from "../../config/settings/settings.ts";
import type { Claim, Role } from "../../device/role.ts";
import { tagTable } from "../../device/tag-table.ts";
import { JobPools } from "../../job/job-pools.ts";
import { permitPools } from "../../job/permit-pools.ts";
import type { Clock, Timer } from "../../kit/clock.ts";
import type { Logger } from "../../kit/logger.ts";
import type { Random } from "../../kit/random.ts";
import { Scope } from "../../kit/scope.ts";
import type { Instant, Ms } from "../../kit/time.ts";
import { NOTHING_RECALLED, type Recalled } from "../../link/messages.ts";
import { LinkJournal } from "../../link/link-journal.ts";
import type { ScanEnd } from "../../link/scan-end.ts";
import type { LinePromise } from "../../link/line-figures.ts";
import { type ScanPlan, scanPlan } from "../../plan/scan-plan.ts";
import { type CycleTurn, ScanEngine } from "../../scan/engine.ts";
import type { CycleReport } from "../../scan/cycle/cycle-report.ts";
import { type LastStretch, Pacemaker } from "../../scan/cycle/pacemaker.ts";
import { permitAll, permitNothing } from "../../scan/outputs/permit.ts";
import type { LoadedProgram } from "../../scan/program/program-run.ts";
import type { Programs } from "../../scan/program/programs.ts";
import { BrokerWatch } from "./broker-watch.ts";
import { Inbox } from "./inbox.ts";
import { linePromise } from "./line-promise.ts";
import { LineSurvey } from "./line-survey.ts";
import { LineTraces } from "./line-traces.ts";
import { keptVariables } from "./kept-variables.ts";
import { plantPrograms } from "./plant-programs.ts";
import { programPools } from "./program-pools.ts";
import { safeStop, type Unconfirmed } from "./safe-stop.ts";

export interface ScanSideOptions {
  readonly plant: Plant;
  readonly programs?: readonly LoadedProgram[];
  readonly link: ScanEnd;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly lastStretch: LastStretch;
  /** Never write anything. */
  readonly readOnly: boolean;
  /** What commands may do, by the way they come; undefined: everything. */
  readonly roles?: Pick<Settings["roles"], "mqtt" | "cli">;
  /** Outputs go to their safe values after so long without the broker; undefined: never. */
  readonly safeAfter?: Ms | undefined;
  readonly statsInterval: Ms;
  /** What was kept when the master ended. */
  readonly recalled?: Recalled;
  /** Called after every completed cycle. */
  readonly onCycle: (report: CycleReport) => void;
  /** The scan contradicted itself and goes no further; outputs are brought to their safe state by `stop`. */
  readonly onBroken: (error: unknown) => void;
}

/** The composition root of the main thread: lines, engine, commands and pace. */
export class ScanSide {
  readonly #options: ScanSideOptions;
  readonly #traces: LineTraces;
  readonly #lines: ReadonlyMap<string, Line>;
  readonly #engine: ScanEngine;
  readonly #pacemaker: Pacemaker;
  readonly #scope: Scope;
  readonly #executor: CommandExecutor;
  readonly #inbox: Inbox;
  readonly #alarms: Alarms;
  readonly #jobs: JobPools;
  readonly #journal: LinkJournal;
  readonly #survey: LineSurvey;
  readonly #broker: BrokerWatch;
  readonly #programs: Programs;
  readonly #promises: ReadonlyMap<string, LinePromise>;
  #statistics: Timer | undefined;
  #broken = false;

  constructor(options: ScanSideOptions) {
    const { plant, link, clock, logger } = options;
    const entries = tagTable(plant.devices.values());
    this.#options = options;
    this.#scope = new Scope((error) => this.#break(error));
    this.#traces = new LineTraces(clock);
    this.#lines = linesOf(options, this.#traces);
    this.#survey = new LineSurvey([...this.#lines.values()]);
    const plan = scanPlan(plant, entries);
    this.#promises = promisesOf(plan, plant);
    this.#engine = new ScanEngine({
      plant,
      entries,
      plan,
      lines: this.#lines,
      clock,
      permit: options.readOnly ? permitNothing : permitPools(plant, permitAll),
      logger,
      sink: link,
      recalled: options.recalled,
      keep: (kept) => link.keep(kept),
    });
    this.#executor = this.#executorOf(entries);
    this.#broker = this.#brokerWatch();
    this.#alarms = this.#alarmsOf(entries);
    this.#journal = new LinkJournal(link);
    this.#jobs = this.#jobsOf(entries);
    this.#inbox = this.#inboxOf(entries);
    this.#engine.onControl(() => {
      this.#inbox.empty();
      this.#broker.step(clock.now());
      this.#alarms.step(clock.now());
      this.#executor.step();
      this.#jobs.step(clock.now());
    });
    const { period } = plant.scan;
    const { recalled = NOTHING_RECALLED } = options;
    this.#programs = plantPrograms({
      retained: keptVariables(recalled.retained, (kept) => link.keep(kept)),
      programs: options.programs ?? [],
      openAlarm: (rule) => this.#alarms.own(rule),
      pools: programPools(this.#jobs, clock),
      entries,
      engine: this.#engine,
      clock,
      logger,
      sink: link,
      period,
    });
    link.restarted.on(() => {
      this.#broker.heard(false, clock.now());
      this.#engine.resend();
      this.#alarms.resend();
    });
    const { lastStretch } = options;
    this.#pacemaker = new Pacemaker({ clock, period, lastStretch, run: (turn) => this.#turn(turn) });
  }

  start(): void {
    const { clock, statsInterval } = this.#options;
    for (const line of this.#lines.values()) line.open();
    this.#statistics = clock.every("statistics", statsInterval, () => this.#survey.begin());
    this.#pacemaker.start();
  }

  /** Whether a program of the plant is to blame for an error that nobody caught; it is stopped. */
  blame(error: unknown): boolean {
    return this.#programs.blame(error);
  }

  /**
   * Brings outputs to their safe state (unless held) until `by`, stops the cycle and closes the lines. What goes wrong in
   * ours on the way is told like a contradiction of the scan.
   */
  async stop(how: { readonly holdOutputs: boolean; readonly by: Instant }): Promise<readonly Unconfirmed[]> {
    const { clock } = this.#options;
    const unconfirmed = await safeStop(this.#engine.outputs, { ...how, clock });
    this.#pacemaker.stop();
    this.#statistics?.cancel();
    await Promise.all([...this.#lines.values()].map((line) => line.close()));
    await this.#scope.close();
    const bug = await this.#engine.close();
    if (bug && !this.#broken) this.#break(bug.error);
    this.#answerRest();
    return unconfirmed;
  }

  /** The lines are closed and have settled every write: each command gets its outcome before the office is told the end. */
  #answerRest(): void {
    try {
      this.#inbox.refuse();
      this.#engine.settleOutputs();
      this.#executor.step();
    } catch (error) {
      if (!this.#broken) this.#break(error);
    }
    this.#executor.end("the master stopped");
  }

  #brokerWatch(): BrokerWatch {
    const { safeAfter, link, logger, clock } = this.#options;
    const lost = (): void => {
      const fields = { after: safeAfter };
      logger.warn("mqtt.missed", fields);
      link.event({ event: "mqtt.missed", at: clock.now(), fields });
      this.#engine.outputs.goSafe("mqttLost");
    };
    return new BrokerWatch({ safeAfter, lost });
  }

  #executorOf(entries: ReturnType<typeof tagTable>): CommandExecutor {
    const { link, clock } = this.#options;
    const engine = this.#engine;
    return new CommandExecutor({
      entries,
      outputs: engine.outputs,
      image: engine.image,
      clock,
      roleOf: (claim) => this.#roleOf(claim),
      answer: link.result.bind(link),
      audit: (fields) => engine.audit(fields),
    });
  }

  /** A way that has no role of its own comes over MQTT. */
  #roleOf({ origin, role }: Claim): Role {
    const { roles } = this.#options;
    return role ?? (origin === "cli" ? roles?.cli : roles?.mqtt) ?? "engineer";
  }

  #jobsOf(entries: ReturnType<typeof tagTable>): JobPools {
    const { plant, link, clock } = this.#options;
    const { outputs, image } = this.#engine;
    const answer = link.jobAnswer.bind(link);
    return new JobPools({ plant, entries, outputs, image, journal: this.#journal, clock, answer });
  }

  #inboxOf(entries: ReturnType<typeof tagTable>): Inbox {
    return new Inbox({
      ...this.#options,
      broker: this.#broker,
      roleOf: (claim) => this.#roleOf(claim),
      entries,
      engine: this.#engine,
      executor: this.#executor,
      jobs: this.#jobs,
      journal: this.#journal,
      alarms: this.#alarms,
      lines: this.#lines,
      traces: this.#traces,
      scope: this.#scope,
    });
  }

  #alarmsOf(entries: ReturnType<typeof tagTable>): Alarms {
    const { plant, link, clock, logger, recalled = NOTHING_RECALLED } = this.#options;
    return new Alarms({
      devices: plant.devices.values(),
      entries,
      image: this.#engine.image,
      clock,
      tell: (event, fields) => {
        logger.info(event, fields);
        link.event({ event, at: clock.now(), fields });
      },
      list: (device, alarms) => link.alarms({ device, alarms }),
      recalled: recalled.alarms,
      keep: (kept) => link.keep(kept),
    });
  }

  #turn(turn: CycleTurn): void {
    if (this.#broken) return this.#outputsOnly();
    try {
      this.#options.onCycle(this.#engine.cycle(turn));
      this.#sendStatistics();
    } catch (error) {
      this.#break(error);
    }
  }

  /** The scan goes no further, but what is under way to its safe state is carried through. */
  #outputsOnly(): void {
    try {
      this.#engine.cycleOutputs();
    } catch {
      this.#pacemaker.stop();
    }
  }

  #break(error: unknown): void {
    this.#broken = true;
    this.#options.onBroken(error);
  }

  #sendStatistics(): void {
    const { link } = this.#options;
    const surveyed = this.#survey.step();
    if (!surveyed) return;
    const lines = surveyed.map((figures) => ({ ...figures, plan: this.#promises.get(figures.line) }));
    link.stats({ cycle: this.#engine.takeStatistics(), lines, link: link.counters(), alarms: this.#alarms.counters() });
  }
}

function promisesOf({ lines }: ScanPlan, plant: Plant): ReadonlyMap<string, LinePromise> {
  return new Map(
    [...plant.lines].flatMap(([name, settings]) => {
      const plan = lines.get(name);
      return plan ? [[name, linePromise(plan, settings, plant)] as const] : [];
    }),
  );
}

function linesOf({ plant, clock, random, logger }: ScanSideOptions, traces: LineTraces): ReadonlyMap<string, Line> {
  const devices = [...plant.devices.values()];
  return new Map(
    [...plant.lines].map(([name, settings]) => {
      const behind = devices.filter((device) => device.line === name);
      const unitWindows = new Map(behind.map((device) => [device.unit, device.limits.window]));
      return [name, openLine(settings, { unitWindows, clock, random, logger, trace: traces.sinkOf(name) })];
    }),
  );
}
