import { fileURLToPath } from "node:url";
import { formatIssues } from "../../src/config/config-issue.ts";
import { loadPlant } from "../../src/config/load-plant.ts";
import type { Plant } from "../../src/config/plant.ts";
import { type GivenJob, isEnded, isGiven, type Job } from "../../src/job/job.ts";
import type { JobPool } from "../../src/job/job-pool.ts";
import { type Random, seededRandom } from "../../src/kit/random.ts";
import { ms } from "../../src/kit/time.ts";
import { VirtualClock } from "../../src/kit/virtual-clock.ts";
import { ArmCell, type ArmDeed, type CellArm } from "./arm-cell.ts";
import { JobDisk, JobMaster } from "./job-master.ts";

export interface JobSimulationOptions {
  readonly seed: number;
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
  const file = fileURLToPath(new URL("../fixtures/simulation/pickers.yaml", import.meta.url));
  const plant = loadPlant(file);
  if (!plant.ok) throw new Error(formatIssues(plant.failure));
  return plant.value;
}

const SLICE = ms(100);
const LONGEST_SECONDS_PER_BOX = 60;

/**
 * A cell that works off a stack of boxes, one job each, while its arms and its master are killed at random. A person
 * decides about what is quarantined by looking at the cell, never at the master.
 */
export async function simulateJobs(options: JobSimulationOptions): Promise<JobReport> {
  const run = new JobSimulation(options);
  return run.play();
}

class JobSimulation {
  readonly #options: JobSimulationOptions;
  readonly #plant = pickersPlant();
  readonly #clock = new VirtualClock();
  readonly #random: Random;
  readonly #disk = new JobDisk();
  readonly #cell: ArmCell;
  readonly #ordered = new Set<string>();
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
    for (const arm of this.#cell.arms.values()) {
      arm.fate = () => this.#fate();
      arm.delayOfMail = () => (this.#random() < options.losses ? ms(this.#random() * 4000) : undefined);
    }
    this.#startMaster();
  }

  async play(): Promise<JobReport> {
    const { boxes, seed } = this.#options;
    while (!this.#isOver()) {
      if (this.#seconds > boxes * LONGEST_SECONDS_PER_BOX) {
        this.#broken.push(`${boxes} boxes are not worked off`);
        break;
      }
      await this.#clock.advance(SLICE);
      this.#disturb();
      this.#order();
      if (Math.round(this.#clock.now()) % 1000 === 0) this.#decide();
    }
    this.#judge();
    const states = this.#disk.history.flatMap((change) => (change.kind === "job" ? change.job : []));
    const ended = this.#jobs().filter(isEnded);
    return {
      seed,
      seconds: Math.round(this.#seconds),
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
    this.#master = new JobMaster(parts);
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

  /** One job for every box. Who has no answer asks again with the same id. */
  #order(): void {
    const pool = this.#pool;
    if (!pool || !this.#master) return;
    let room = 6 - [...pool.open].filter(({ state }) => state === "queued").length;
    for (let box = 0; box < this.#options.boxes && room > 0; box++) {
      const id = `box-${box}`;
      if (pool.find(id)) continue;
      this.#master.submit(id, "carry");
      this.#ordered.add(id);
      room--;
    }
  }

  /** What the disk knows. */
  #jobs(): readonly Job[] {
    return this.#disk.read().flatMap((change) => (change.kind === "job" ? change.job : []));
  }

  #decide(): void {
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
    if (!deed?.took) return "retry";
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
    if (this.#ordered.size < this.#options.boxes || !pool || [...pool.open].length > 0) return false;
    const jobs = this.#jobs();
    return jobs.length >= this.#options.boxes && jobs.every(isEnded);
  }

  #judge(): void {
    const { boxes } = this.#options;
    const { deeds, delivered, dropped, stack } = this.#cell;
    const broken = this.#broken;
    const assigned = new Map<string, Set<string>>();
    for (const change of this.#disk.history) {
      if (change.kind !== "job" || !isGiven(change.job)) continue;
      const { device, epoch, sequence } = change.job.assignment;
      const mails = assigned.get(change.job.id) ?? new Set();
      assigned.set(change.job.id, mails.add(`${device}/${epoch}/${sequence}`));
    }
    const owner = new Map<string, string>();
    for (const [job, mails] of assigned) {
      for (const mail of mails) {
        if (owner.has(mail)) broken.push(`${mail} was of ${owner.get(mail)} and of ${job}`);
        owner.set(mail, job);
      }
    }
    const acceptances = new Map<string, number>();
    const taken = new Map<string, number>();
    for (const deed of deeds) {
      const job = owner.get(`${deed.arm}/${deed.epoch}/${deed.sequence}`);
      if (job === undefined) {
        broken.push(`${deed.arm} accepted ${deed.epoch}/${deed.sequence}, which was never stored`);
        continue;
      }
      acceptances.set(job, (acceptances.get(job) ?? 0) + 1);
      if (deed.took) taken.set(job, (taken.get(job) ?? 0) + 1);
    }
    for (const [job, count] of acceptances)
      if (count > 1 + (this.#retried.get(job) ?? 0)) broken.push(`${job} was accepted ${count} times`);
    for (const [job, count] of taken) if (count > 1) broken.push(`${job} picked ${count} boxes`);
    if (stack.length > 0) broken.push(`${stack.length} boxes were never picked`);
    if (delivered.length + dropped.length !== boxes) broken.push(`${delivered.length} + ${dropped.length} of ${boxes}`);
    const jobs = this.#jobs();
    if (jobs.length !== boxes) broken.push(`${jobs.length} jobs are known of ${boxes}`);
    const done = jobs.filter(({ state }) => state === "done").length;
    if (done !== delivered.length) broken.push(`${done} jobs are done, ${delivered.length} boxes delivered`);
    const totals = this.#pool?.totals;
    if (totals && totals.orders > 0 && totals.done + totals.failed !== boxes)
      broken.push(`the totals count ${totals.done} + ${totals.failed}`);
  }
}
