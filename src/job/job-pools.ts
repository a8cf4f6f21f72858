import type { Plant } from "../config/plant/plant.ts";
import type { TagEntry } from "../device/tag-table.ts";
import type { Clock } from "../kit/clock.ts";
import { invariant } from "../kit/invariant.ts";
import type { Instant } from "../kit/time.ts";
import type { Outputs } from "../scan/outputs/outputs.ts";
import type { InputImage } from "../scan/image/process-image.ts";
import { isEnded } from "./job.ts";
import { JobPool } from "./job-pool.ts";
import type { JobJournal } from "./job-journal.ts";
import type { JobAnswer, JobDecision, JobSubmission } from "./job-request.ts";
import { MailboxDoor } from "./mailbox-door.ts";

export interface JobPoolsOptions {
  readonly plant: Plant;
  readonly entries: readonly TagEntry[];
  readonly outputs: Outputs;
  readonly image: InputImage;
  readonly journal: JobJournal;
  readonly clock: Clock;
  /** Takes what no change of a job tells: orders that were not taken, what came of decisions. */
  readonly answer: (answer: JobAnswer) => void;
}

/** All pools of a plant. Nothing is taken or begun until the journal has been read. */
export class JobPools {
  readonly pools: ReadonlyMap<string, JobPool>;
  readonly #options: JobPoolsOptions;
  #restored = false;

  constructor(options: JobPoolsOptions) {
    const { plant, entries } = options;
    this.#options = options;
    this.pools = new Map(
      [...plant.pools].map(([name, members]) => {
        const devices = members.flatMap((member) => plant.devices.get(member) ?? []);
        const mailbox = devices[0]?.profile.mailbox;
        invariant(mailbox !== undefined, `pool ${name} has no device with a mailbox`);
        const doors = new Map(devices.map((device) => [device.name, new MailboxDoor(device, entries, options)]));
        return [name, new JobPool({ ...options, name, mailbox, doors })];
      }),
    );
  }

  submit(submission: JobSubmission): void {
    const pool = this.pools.get(submission.pool);
    if (pool) pool.submit(submission);
    else this.#unknownPool(submission, "order");
  }

  /** A job of this id was taken, and has not ended. */
  isOpen(pool: string, id: string): boolean {
    const job = this.pools.get(pool)?.find(id);
    return job !== undefined && !isEnded(job);
  }

  decide(decision: JobDecision): void {
    const pool = this.pools.get(decision.pool);
    if (pool) pool.decide(decision);
    else this.#unknownPool(decision, "decision");
  }

  /** Control phase: jobs move on as far as the journal, the lines and the devices have. */
  step(now: Instant): void {
    if (!this.#restored) {
      const { stored } = this.#options.journal;
      if (!stored) return;
      for (const pool of this.pools.values()) pool.restore(stored);
      this.#restored = true;
    }
    for (const pool of this.pools.values()) pool.step(now);
  }

  #unknownPool({ pool, id, replyTo }: Pick<JobAnswer, "pool" | "id" | "replyTo">, to: JobAnswer["to"]): void {
    this.#options.answer({ pool, id, to, replyTo, outcome: "rejected", reason: `unknown pool "${pool}"` });
  }
}
