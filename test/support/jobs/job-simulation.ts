import { fileURLToPath } from "node:url";
import { formatIssues } from "../../../src/config/source/config-issue.ts";
import { loadPlant } from "../../../src/config/plant/load-plant.ts";
import type { Plant } from "../../../src/config/plant/plant.ts";
import { type GivenJob, isEnded, isGiven, type Job } from "../../../src/job/job.ts";
import type { JobPool } from "../../../src/job/job-pool.ts";
import { type Random, seededRandom } from "../../../src/kit/random.ts";
import { ms } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { ArmCell, type ArmDeed, type CellArm } from "./arm-cell.ts";
import { JobDisk, JobMaster } from "./job-master.ts";
import { demoPlant } from "../slaves/simulated-cell.ts";

export interface JobSimulationOptions {
  readonly seed: number;
  /** That arrive, every 3 to 5 s. */
  readonly boxes: number;
  /** Seconds between two kills of an arm, on average; Infinity: never. */
  readonly armKills: number;
  /** Seconds between two kills of the master, on average. */
  readonly masterKills: number;
  /** Share of requests that get lost, and of answers. */
  readonly losses: number;
}

export interface JobReport {
  readonly seed: number;
  /** Virtual seconds. */
  readonly seconds: number;
  readonly orders: number;
  readonly done: number;
  readonly failed: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly armKills: number;
  readonly masterKills: number;
  readonly quarantined: number;
  readonly redirected: number;
  readonly retried: number;
  /** Promises that were not kept. */
  readonly broken: readonly string[];
}

export function pickersPlant(): Plant {
  const file = fileURLToPath(new URL("../../fixtures/simulation/pickers.yaml", import.meta.url));
  const plant = loadPlant(file);
  if (!plant.ok) throw new Error(formatIssues(plant.failure));
  return plant.value;
}

const SLICE = ms(100);
const LONGEST_SECONDS_PER_BOX = 60;

/**
 * The demo cell with its own program: boxes arrive, and it orders a job for each, while its arms and its master are
 * killed at random. A person decides about what is quarantined by looking at the cell, never at the master.
 */
export async function simulateJobs(options: JobSimulationOptions): Promise<JobReport> {
  const run = new JobSimulation(options);
  return run.play();
}

class JobSimulation {
  readonly #options: JobSimulationOptions;
  readonly #plant = demoPlant();
  readonly #clock = new VirtualClock();
  readonly #random: Random;
  readonly #disk = new JobDisk();
  readonly #cell: ArmCell;
  /** Jobs that a person gave to the pool again. */
  readonly #retried = new Map<string, number>();
  readonly #revivals = new Map<CellArm, number>();
  readonly #broken: string[] = [];
  #master: JobMaster | undefined;
  #masterBack = 0;
  #armKills = 0;
  #masterKills = 0;
  #decisions = 0;

  constructor(options: JobSimulationOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    const { boxes } = options;
    this.#cell = new ArmCell(this.#plant, { clock: this.#clock, random: this.#random, boxes });
    for (const unit of this.#cell.units.values()) unit.fate = () => this.#fate();
    for (const arm of this.#cell.arms.values()) {
      arm.delayOfMail = () => (this.#random() < options.losses ? ms(this.#random() * 4000) : undefined);
    }
    this.#startMaster();
  }

  async play(): Promise<JobReport> {
    const { boxes, seed } = this.#options;
    while (!this.#isOver()) {
      if (this.#seconds > boxes * LONGEST_SECONDS_PER_BOX) {
        const belts = this.#cell.belts.map(({ device }) => `${device.name} ${String(device.memory.get("state"))}`);
        this.#broken.push(`${boxes} boxes are not sorted; ${belts.join(", ")}`);
        break;
      }
      await this.#clock.advance(SLICE);
      this.#disturb();
      if (Math.round(this.#clock.now()) % 1000 === 0) this.#attend();
    }
    this.#judge();
    const states = this.#disk.history.flatMap((change) => (change.kind === "job" ? change.job : []));
    const ended = this.#jobs().filter(isEnded);
    return {
      seed,
      seconds: Math.round(this.#seconds),
      orders: this.#jobs().length,
      done: ended.filter(({ state }) => state === "done").length,
      failed: ended.filter(({ state }) => state === "failed").length,
      delivered: this.#cell.delivered.length,
      dropped: this.#cell.dropped.length,
      armKills: this.#armKills,
      masterKills: this.#masterKills,
      quarantined: states.filter(({ state }) => state === "quarantined").length,
      redirected: states.filter(({ state, attempts }) => state === "queued" && attempts > 0).length,
      retried: [...this.#retried.values()].reduce((sum, count) => sum + count, 0),
      broken: this.#broken,
    };
  }

  get #seconds(): number {
    return this.#clock.now() / 1000;
  }

  #startMaster(): void {
    const parts = { plant: this.#plant, cell: this.#cell, disk: this.#disk, clock: this.#clock, random: this.#random };
    this.#master = new JobMaster({ ...parts, programs: true });
  }

  #fate(): "delivered" | "lost" | "answerLost" {
    const { losses } = this.#options;
    const drawn = this.#random();
    return drawn < losses ? "lost" : drawn < 2 * losses ? "answerLost" : "delivered";
  }

  #happens(everySeconds: number): boolean {
    return this.#random() < SLICE / 1000 / everySeconds;
  }

  #disturb(): void {
    for (const arm of this.#cell.arms.values()) {
      if (!arm.alive && this.#seconds >= (this.#revivals.get(arm) ?? 0)) arm.revive();
      if (!arm.alive || !this.#happens(this.#options.armKills)) continue;
      arm.kill();
      this.#armKills++;
      this.#revivals.set(arm, this.#seconds + this.#random() * 12);
    }
    if (!this.#master && this.#seconds >= this.#masterBack) this.#startMaster();
    if (!this.#master || !this.#happens(this.#options.masterKills)) return;
    this.#master.kill();
    this.#master = undefined;
    this.#masterKills++;
    // Sooner than the arms' watchdogs, which would drop their drives.
    this.#masterBack = this.#seconds + this.#random() * 1.2;
  }

  get #pool(): JobPool | undefined {
    return this.#master?.pools.pools.get("pickers");
  }

  /** What the disk knows. */
  #jobs(): readonly Job[] {
    return this.#disk.read().flatMap((change) => (change.kind === "job" ? change.job : []));
  }

  /** What a person does in the cell. */
  #attend(): void {
    this.#cell.startBelts();
    const pool = this.#pool;
    if (!pool || !this.#master) return;
    for (const job of [...pool.open].filter(isGiven)) {
      if (job.state !== "quarantined") continue;
      const decision = this.#decisionOn(job);
      if (decision === undefined) continue;
      if (decision === "retry") this.#retried.set(job.id, (this.#retried.get(job.id) ?? 0) + 1);
      const id = `d${++this.#decisions}`;
      this.#master.pools.decide({ id, pool: "pickers", job: job.id, decision, origin: "test", replyTo: undefined });
    }
  }

  /** As a person would: goes to the arm and looks what became of the box. */
  #decisionOn(job: GivenJob): "retry" | "skip" | "done" | undefined {
    const arm = this.#cell.arms.get(job.assignment.device);
    const deed = this.#deedsOf(job)[0];
    if (arm && deed && arm.current === deed) return undefined;
    if (deed?.took === undefined) return "retry";
    return deed.delivered ? "done" : deed.dropped ? "skip" : undefined;
  }

  #deedsOf({ assignment }: GivenJob): readonly ArmDeed[] {
    return this.#cell.deeds.filter(({ arm, boot, epoch, sequence }) => {
      const { device } = assignment;
      return (
        arm === device && boot === assignment.boot && epoch === assignment.epoch && sequence === assignment.sequence
      );
    });
  }

  #isOver(): boolean {
    const pool = this.#pool;
    const { delivered, dropped } = this.#cell;
    if (delivered.length + dropped.length < this.#options.boxes || !pool || [...pool.open].length > 0) return false;
    return this.#jobs().every(isEnded);
  }

  #judge(): void {
    const jobs = this.#jobs();
    this.#judgeMails(this.#owners());
    this.#judgeBoxes();
    const count = (wanted: Job["state"]): number => jobs.filter(({ state }) => state === wanted).length;
    const { delivered } = this.#cell;
    const { boxes } = this.#options;
    this.#expect(jobs.length === boxes, `${jobs.length} jobs for ${boxes} boxes`);
    this.#expect(count("done") === delivered.length, `${count("done")} jobs are done, ${delivered.length} boxes put`);
    for (const [name, program] of this.#master?.programs.states ?? [])
      this.#expect(program.state !== "stopped", `program ${name}: ${JSON.stringify(program)}`);
    const totals = this.#pool?.totals;
    // A master that has just been started has not read its jobs.
    if (!totals || totals.orders === 0) return;
    const told = `${totals.orders} orders, ${totals.done} done, ${totals.failed} failed`;
    const isAll = totals.orders === jobs.length && totals.done === count("done") && totals.failed === count("failed");
    this.#expect(isAll, `the totals count ${told} of ${jobs.length}`);
  }

  /** Every box that came was taken once, and was put down or fell. */
  #judgeBoxes(): void {
    const { deeds, delivered, dropped } = this.#cell;
    const all = Array.from({ length: this.#options.boxes }, (_, index) => index + 1);
    const taken = deeds.flatMap(({ took }) => took ?? []);
    for (const [what, boxes] of [["taken", taken] as const, ["put or dropped", [...delivered, ...dropped]] as const]) {
      const missing = all.filter((box) => !boxes.includes(box));
      const twice = boxes.filter((box, index) => boxes.indexOf(box) !== index);
      this.#expect(missing.length === 0, `never ${what}: ${missing.join(", ")}`);
      this.#expect(twice.length === 0, `${what} twice: ${twice.join(", ")}`);
    }
  }

  /** The job of every mail that was stored. */
  #owners(): ReadonlyMap<string, string> {
    const owners = new Map<string, string>();
    for (const change of this.#disk.history) {
      if (change.kind !== "job" || !isGiven(change.job)) continue;
      const { id, assignment } = change.job;
      const mail = `${assignment.device}/${assignment.epoch}/${assignment.sequence}`;
      const before = owners.get(mail) ?? id;
      this.#expect(before === id, `${mail} was of ${before} and of ${id}`);
      owners.set(mail, id);
    }
    return owners;
  }

  /** No job was begun that was not stored, and none twice, but where a person said so. */
  #judgeMails(owners: ReadonlyMap<string, string>): void {
    const begun = new Map<string, ArmDeed[]>();
    for (const deed of this.#cell.deeds) {
      const mail = `${deed.arm}/${deed.epoch}/${deed.sequence}`;
      const job = owners.get(mail);
      if (job === undefined) this.#broken.push(`${deed.arm} accepted ${mail}, which was never stored`);
      else begun.set(job, [...(begun.get(job) ?? []), deed]);
    }
    for (const [job, deeds] of begun) {
      const picked = deeds.filter(({ took }) => took !== undefined).length;
      const retried = this.#retried.get(job) ?? 0;
      this.#expect(deeds.length <= 1 + retried, `${job} was accepted ${deeds.length} times`);
      this.#expect(picked <= 1, `${job} picked ${picked} boxes`);
    }
  }

  #expect(isKept: boolean, broken: string): void {
    if (!isKept) this.#broken.push(broken);
  }
}
