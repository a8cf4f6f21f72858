import { jobFault } from "../../device/job-fault.ts";
import type { Mailbox } from "../../device/mailbox.ts";
import type { ProgramJob, ProgramOrder, ProgramPool } from "./program-jobs.ts";

/** A job that a program on a bench has ordered. */
export interface BenchJob extends Pick<ProgramOrder, "id" | "parameters" | "labels" | "priority"> {
  readonly pool: string;
  readonly job: string;
  readonly state: string;
  /** The device's own word. */
  readonly result?: string;
  /** Of all orders of the bench. */
  readonly number: number;
}

/** A pool without devices: its jobs stay queued until the test says otherwise. */
export class BenchPool implements ProgramPool {
  readonly #name: string;
  readonly #mailbox: Mailbox | undefined;
  readonly #number: () => number;
  readonly #jobs = new Map<string, BenchJob>();

  /** Without a mailbox it takes any job. */
  constructor(name: string, mailbox: Mailbox | undefined, number: () => number) {
    this.#name = name;
    this.#mailbox = mailbox;
    this.#number = number;
  }

  get jobs(): readonly BenchJob[] {
    return [...this.#jobs.values()];
  }

  fault(order: ProgramOrder): string | undefined {
    return this.#mailbox && jobFault(order, this.#mailbox);
  }

  submit({ id, type, parameters, labels, priority }: ProgramOrder): void {
    if (this.#jobs.has(id)) return;
    const job = { pool: this.#name, id, job: type, parameters, labels, priority };
    this.#jobs.set(id, { ...job, state: "queued", number: this.#number() });
  }

  find(id: string): ProgramJob | undefined {
    const job = this.#jobs.get(id);
    return job && { state: job.state, device: undefined, reason: undefined, result: job.result };
  }

  set(id: string, state: string, result?: string): void {
    const job = this.#jobs.get(id);
    if (job) this.#jobs.set(id, { ...job, state, ...(result === undefined ? {} : { result }) });
  }
}
