import type { Plant } from "../../../src/config/plant/plant.ts";
import { ON_DEMAND } from "../../../src/device/tag.ts";
import { invariant } from "../../../src/kit/invariant.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { type Random, seededRandom } from "../../../src/kit/random.ts";
import { type Instant, instant, type Ms, ms } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { type PlantProof, type ProvedLine, provePlant } from "../../../src/plan/plant-proof.ts";
import { readRequest } from "../../../src/plan/read-block.ts";
import { transactionCost } from "../../../src/plan/transaction-cost.ts";
import type { CycleReport } from "../../../src/scan/cycle/cycle-report.ts";
import { permitAll } from "../../../src/scan/outputs/permit.ts";
import { type ScanSide, scanSide } from "../scan/scan-side.ts";
import { BudgetedCommands } from "./budgeted-commands.ts";
import { HonestSlave } from "./honest-slave.ts";
import { LineJudge } from "./line-judge.ts";
import { type LineSite, lineSite } from "./line-site.ts";
import { TraceHash } from "./trace-hash.ts";
import { ValueAges } from "./value-ages.ts";
import { WatchedLine } from "./watched-line.ts";

/** What people do: bursts as the budget of the writes takes them, or the hardest write in every frame. */
export type Commanding = "bursts" | "hardest";

export interface WorstCaseOptions {
  readonly plant: Plant;
  readonly seed: number;
  readonly commanding: Commanding;
  /** A device that can fall silent: what it is asked, and how old values and commands get meanwhile, is not judged. */
  readonly mortal?: string | undefined;
}

/** A plant in which every transaction takes what the plan reckons with at worst, and what that leads to. */
export class WorstCaseRun {
  readonly proof: PlantProof;
  readonly judges: ReadonlyMap<string, LineJudge>;
  readonly ages: ValueAges;
  readonly commands: BudgetedCommands;
  readonly #options: WorstCaseOptions;
  readonly #clock = new VirtualClock();
  readonly #random: Random;
  readonly #sites: readonly LineSite[];
  readonly #side: ScanSide;
  #overruns = 0;
  #transactions = 0;

  constructor(options: WorstCaseOptions) {
    const { plant, seed, mortal } = options;
    const clock = this.#clock;
    this.#options = options;
    this.proof = provePlant(plant);
    this.#random = seededRandom(seed);
    this.#sites = this.#build();
    this.judges = this.#judgesFrom(instant(plant.scan.period));
    this.ages = new ValueAges(this.proof);
    this.#side = scanSide({
      plant,
      clock,
      lines: this.#watchedLines(),
      permit: permitAll,
      logger: silentLogger,
      sink: { blocks: nothing, samples: nothing, device: nothing, event: nothing },
      answered: (result) => this.commands.answered(result),
      cycled: (report) => this.#cycled(report),
    });
    this.commands = new BudgetedCommands({ proof: this.proof, clock, random: this.#random, side: this.#side, mortal });
    for (const { line } of this.#sites) line.open();
    this.#side.pacemaker.start();
  }

  /** As the engine counts them. */
  get overruns(): number {
    return this.#overruns;
  }

  get transactions(): number {
    return this.#transactions;
  }

  get now(): Instant {
    return this.#clock.now();
  }

  status(device: string): string | undefined {
    return this.#side.engine.status(device)?.status;
  }

  async live(span: Ms): Promise<void> {
    const { period } = this.#options.plant.scan;
    const end = this.now + span;
    while (this.now < end) {
      const early = ms(period * this.#random());
      await this.#clock.advance(early);
      if (this.#options.commanding === "bursts") {
        this.commands.burst();
        this.#demand();
      }
      await this.#clock.advance(ms(period - early));
    }
  }

  /** The mortal device does not answer any more, until the function that is returned makes it. */
  kill(): () => void {
    const { plant, mortal = "" } = this.#options;
    const { line, unit } = plant.devices.get(mortal) ?? {};
    const site = this.#sites.find((each) => each.line.name === line);
    invariant(site !== undefined && unit !== undefined, "somebody is mortal");
    return site.faults.add({ kind: "lost", unit });
  }

  /** Somebody asks for a tag that has no turn, on lines every frame of which has room for it. */
  #demand(): void {
    if (this.#random() > DEMANDED) return;
    const roomy = new Set(this.proof.lines.filter(hasRoom).map(({ plan }) => plan.line));
    const asked = this.#side.entries.filter(({ device, tag }) => tag.scanClass === ON_DEMAND && roomy.has(device.line));
    const entry = asked[Math.floor(this.#random() * asked.length)];
    if (entry) this.#side.engine.demand(entry.device.name, new Set([entry.tag.name]));
  }

  async close(): Promise<void> {
    this.#side.pacemaker.stop();
    for (const { line } of this.#sites) await line.close();
    const bug = await this.#side.engine.close();
    if (bug) throw bug.error;
    for (const site of this.#sites) site.close();
    await this.#clock.advance(ms(1000));
  }

  #build(): readonly LineSite[] {
    const { plant } = this.#options;
    const clock = this.#clock;
    const slaves = [...plant.devices.values()].map((device) => new HonestSlave(device, () => clock.now()));
    return [...plant.lines.values()].map((settings) => {
      const own = slaves.filter(({ device }) => device.line === settings.name);
      const rest = { clock, random: this.#random, handOver: ms(1000), hash: new TraceHash() };
      return lineSite({ settings, slaves: own, pace: "worst", ...rest });
    });
  }

  /** Cycle 0 is one period after the start. */
  #judgesFrom(start: Instant): ReadonlyMap<string, LineJudge> {
    const { plant, mortal } = this.#options;
    const dead = plant.devices.get(mortal ?? "");
    return new Map(
      this.proof.lines.map((line) => {
        const { name } = line.settings;
        const own = dead?.line === name ? dead.unit : undefined;
        return [name, new LineJudge({ line, clock: this.#clock, start, mortal: own })];
      }),
    );
  }

  #watchedLines(): ReadonlyMap<string, WatchedLine> {
    return new Map(
      this.#sites.map(({ line }) => {
        const judge = this.judges.get(line.name);
        const watched = new WatchedLine(line, (transaction) => {
          this.#transactions++;
          return judge?.watch(transaction) ?? nothing;
        });
        return [line.name, watched];
      }),
    );
  }

  #cycled({ cycle, overruns }: CycleReport): void {
    const { mortal, commanding } = this.#options;
    this.#overruns += overruns;
    if (mortal === undefined) this.ages.look(this.#side.engine.image, this.now);
    if (commanding === "hardest") this.commands.dearest(cycle + 1);
  }
}

/** In this share of the cycles. */
const DEMANDED = 0.3;

function hasRoom({ plan, proof, settings }: ProvedLine): boolean {
  const costs = plan.onDemand.map((block) => transactionCost(readRequest(block), block.device.timing, settings).worst);
  return proof.frame - proof.fullest.time >= Math.max(0, ...costs);
}

function nothing(): void {
  return undefined;
}
