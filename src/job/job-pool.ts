import { jobFault } from "../device/job-fault.ts";
import type { Mailbox } from "../device/mailbox.ts";
import type { Clock } from "../kit/clock.ts";
import { type Instant, type Ms, ms, plus, type WallTime } from "../kit/time.ts";
import { DeviceLane } from "./device-lane.ts";
import { nextDispatch } from "./dispatch.ts";
import { EndedJobs } from "./ended-jobs.ts";
import { type GivenJob, isEnded, isGiven, type Job, type JobOrder, type QueuedJob } from "./job.ts";
import type { JobChange, JobJournal, JournalTicket } from "./job-journal.ts";
import { type JobAnswer, type JobDecision, type JobSubmission, sameOrder } from "./job-request.ts";
import type { MailboxDoor } from "./mailbox-door.ts";
import { type JobEvent, nextJob } from "./next-job.ts";
import { addEnded, NO_TOTALS, type PoolTotals, workOf } from "./pool-totals.ts";

/** Jobs that may wait for a device, and jobs that a person has to decide about. */
export const MOST_OPEN_JOBS = 1000;
/** Askers of one job. */
const MOST_ASKERS = 8;
/** Changes on their way into the journal; with so many, nothing new is taken and nothing begun. */
const MOST_WAITING = 256;
/** What could not be stored is tried again after this. */
const STORE_AGAIN = ms(1000);
/** Decisions that are remembered, so that none is carried out twice. */
const MOST_DECISIONS = 1000;
const NOT_READ = "busy: the jobs of before are still being read";
const STORE_BEHIND = "busy: the store does not keep up";

export interface JobPoolOptions {
  readonly name: string;
  readonly mailbox: Mailbox;
  /** Of every device, in the order of the plant's file. */
  readonly doors: ReadonlyMap<string, MailboxDoor>;
  readonly journal: JobJournal;
  readonly clock: Clock;
  readonly answer: (answer: JobAnswer) => void;
}

/** Why something is stored. */
interface StoreReason {
  /** A new order: refused where it cannot be stored. */
  readonly order?: QueuedJob;
  /** Told once it is stored. */
  readonly answer?: JobAnswer;
}

/** A change that is not known to be stored. */
interface Unstored {
  readonly changes: readonly JobChange[];
  ticket: JournalTicket;
  again: Instant | undefined;
  readonly reason: StoreReason;
}

/** `reason`: why it was not carried out. */
interface KnownDecision extends Pick<JobDecision, "id" | "job" | "decision"> {
  readonly reason: string | undefined;
}

/** One pool: its queue, its devices, and all its jobs. Moves on in the control phase of the scan. */
export class JobPool {
  readonly name: string;
  readonly mailbox: Mailbox;
  readonly #options: JobPoolOptions;
  readonly #lanes: ReadonlyMap<string, DeviceLane>;
  /** Jobs that have not ended, by id. */
  readonly #open = new Map<string, QueuedJob | GivenJob>();
  readonly #ended: EndedJobs;
  /** By id, the oldest first. */
  readonly #decisions = new Map<string, KnownDecision>();
  readonly #unstored: Unstored[] = [];
  /** Orders that are not stored yet are not begun. */
  readonly #unconfirmed = new Set<string>();
  #totals = NO_TOTALS;
  /** When this master began: a device that is new to the pool does not have to catch up. */
  #before = NO_TOTALS;
  #restored = false;

  constructor(options: JobPoolOptions) {
    const { name, mailbox, doors, clock } = options;
    this.name = name;
    this.mailbox = mailbox;
    this.#options = options;
    this.#ended = new EndedJobs(clock);
    const happened = (job: GivenJob, event: JobEvent): Job => this.#happened(job, event);
    const append = (changes: readonly JobChange[]): JournalTicket => options.journal.append(changes);
    const acceptedFor = ({ acceptedAt }: GivenJob): Ms => ms(Math.max(0, clock.wall() - (acceptedAt ?? Infinity)));
    const timeLeft = ({ startBy }: GivenJob): Ms => ms((startBy ?? Infinity) - clock.wall());
    this.#lanes = new Map(
      [...doors].map(([device, door]) => [
        device,
        new DeviceLane({ device, mailbox, door, append, timeLeft, acceptedFor, happened }, clock.now()),
      ]),
    );
  }

  get totals(): PoolTotals {
    return this.#totals;
  }

  find(id: string): Job | undefined {
    return this.#open.get(id) ?? this.#ended.find(id);
  }

  /** Takes up what was stored; what was under way is found out from the devices before anything new is begun. */
  restore(changes: readonly JobChange[]): void {
    const now = this.#options.clock.now();
    const jobs = changes.flatMap((change) =>
      change.kind === "job" && change.job.pool === this.name ? change.job : [],
    );
    for (const change of changes) {
      if (change.kind === "mail") this.#lanes.get(change.device)?.restore(change);
      if (change.kind === "totals" && change.pool === this.name) this.#totals = change.totals;
    }
    this.#ended.restore(jobs.filter(isEnded));
    const open = jobs.flatMap((job) => (isEnded(job) ? [] : job)).toSorted((a, b) => a.number - b.number);
    for (const job of open) this.#open.set(job.id, job);
    this.#before = this.#totals;
    this.#restored = true;
    for (const job of open.filter(isGiven)) this.#resume(job, now);
  }

  #resume(job: GivenJob, now: Instant): void {
    const lane = this.#lanes.get(job.assignment.device);
    if (!lane) return void this.#happened(job, { kind: "overdue", reason: "the device is not of this pool any more" });
    // Of two, the one that was quarantined is nobody's but the person's who decides.
    if (lane.job && job.state === "quarantined") return;
    if (lane.job && lane.job.state !== "quarantined")
      return void this.#happened(job, { kind: "overdue", reason: "the device has a later job" });
    lane.resume(job, now);
    const seen = job.state === "accepted" || job.state === "running";
    if (!seen) this.#happened(job, { kind: "doubted", reason: "the master has started anew" });
    const after = this.#open.get(job.id);
    if (after && isGiven(after)) lane.resume(after, now);
  }

  /** Takes an order, or answers at once why not. An id that is known already is the job it was given to first. */
  submit(submission: JobSubmission): void {
    const { replyTo, takeBy, role: _, ...order } = submission;
    const known = this.find(order.id);
    if (known) return this.#again(known, submission);
    const reason = this.#refusal(order, takeBy);
    if (reason !== undefined) return this.#reject(order.id, replyTo, reason);
    this.#totals = { ...this.#totals, orders: this.#totals.orders + 1 };
    const at = this.#options.clock.wall();
    const job: QueuedJob = {
      ...order,
      state: "queued",
      number: this.#totals.orders,
      replyTo: replyTo ? [replyTo] : [],
      attempts: 0,
      reason: undefined,
      result: undefined,
      decided: undefined,
      assignment: undefined,
      acceptedAt: undefined,
      submittedAt: at,
      at,
    };
    this.#open.set(job.id, job);
    this.#unconfirmed.add(job.id);
    this.#store([{ kind: "job", job }, this.#totalsChange()], { order: job });
  }

  #refusal(order: JobOrder, takeBy: WallTime | undefined): string | undefined {
    const { clock, journal } = this.#options;
    if (!this.#restored) return NOT_READ;
    const fault = jobFault(order, this.mailbox);
    if (fault !== undefined) return fault;
    if (takeBy !== undefined && clock.wall() > takeBy) return "expired: it came after the time it was meant for";
    if (order.startBy !== undefined && clock.wall() > order.startBy) return "expired: its deadline is over";
    if (this.#open.size >= MOST_OPEN_JOBS) return `full: ${MOST_OPEN_JOBS} jobs are open already`;
    if (this.#ended.full) return "busy: too many jobs have ended within the hour to remember them all";
    if (journal.waiting >= MOST_WAITING) return STORE_BEHIND;
    return undefined;
  }

  /** The same order once more: whoever asks hears the outcome too. */
  #again(known: Job, submission: JobSubmission): void {
    const { id, replyTo } = submission;
    const reject = (reason: string): void => this.#reject(id, replyTo, reason, known);
    if (!sameOrder(known, submission)) return reject(`id "${id}" was already used for another job`);
    if (isEnded(known)) {
      const { state: outcome, reason } = known;
      return this.#options.answer({ pool: this.name, id, to: "order", replyTo, outcome, reason, job: known });
    }
    const asks = known.replyTo.some(({ topic, correlationData }) => {
      return topic === replyTo?.topic && correlationData === replyTo.correlationData;
    });
    if (!replyTo || asks) return;
    if (known.replyTo.length >= MOST_ASKERS) return reject("busy: asked too often");
    this.#put({ ...known, replyTo: [...known.replyTo, replyTo] });
  }

  #reject(id: string, replyTo: JobSubmission["replyTo"], reason: string, known?: Job): void {
    const awaited = known && !isEnded(known) ? { awaited: true as const } : {};
    this.#options.answer({ pool: this.name, id, to: "order", replyTo, outcome: "rejected", reason, ...awaited });
  }

  /**
   * Carries out what a person decided about a quarantined job, or takes one out of the queue. One that comes again has the
   * answer it had, and nothing more is done.
   */
  decide(asked: JobDecision): void {
    const { id, replyTo } = asked;
    const answer = (reason?: string): JobAnswer => {
      const outcome = reason === undefined ? "decided" : "rejected";
      return { pool: this.name, id, to: "decision", replyTo, outcome, reason };
    };
    const reject = (reason: string): void => this.#options.answer(answer(reason));
    if (!this.#restored) return reject(NOT_READ);
    if (this.#options.journal.waiting >= MOST_WAITING) return reject(STORE_BEHIND);
    const first = this.#firstOf(asked);
    if (first && (first.job !== asked.job || first.decision !== asked.decision))
      return reject(`id "${id}" was already used for another decision`);
    // What is carried out is not told before it is stored.
    if (first && first.reason === undefined) return this.#store([], { answer: answer() });
    const reason = first ? first.reason : this.#carryOut(asked, answer());
    if (!first) this.#remember({ ...asked, reason });
    if (reason !== undefined) reject(reason);
  }

  /** Gives why not. */
  #carryOut({ id, job: jobId, decision, origin }: JobDecision, answer: JobAnswer): string | undefined {
    const job = this.find(jobId);
    if (!job) return `no job "${jobId}" is known`;
    const after = this.#happened(job, { kind: "decided", id, decision, by: origin }, answer);
    if (after === job)
      return job.state === "queued" ? "it is queued and can only be skipped" : `it is ${job.state}, not quarantined`;
    for (const lane of this.#lanes.values()) if (lane.job?.id === jobId) lane.release(this.#options.clock.now());
    return undefined;
  }

  #firstOf({ id, job }: JobDecision): KnownDecision | undefined {
    const decided = this.find(job)?.decided;
    return this.#decisions.get(id) ?? (decided?.id === id ? { ...decided, job, reason: undefined } : undefined);
  }

  #remember({ id, job, decision, reason }: KnownDecision): void {
    const [oldest] = this.#decisions.keys();
    if (this.#decisions.size >= MOST_DECISIONS && oldest !== undefined) this.#decisions.delete(oldest);
    this.#decisions.set(id, { id, job, decision, reason });
  }

  step(now: Instant): void {
    if (!this.#restored) return;
    this.#confirm(now);
    for (const lane of this.#lanes.values()) lane.step(now);
    this.#expire();
    this.#dispatch(now);
  }

  /** Jobs by state. */
  get open(): Iterable<QueuedJob | GivenJob> {
    return this.#open.values();
  }

  #expire(): void {
    const wall = this.#options.clock.wall();
    for (const job of this.#open.values())
      if (job.state === "queued" && job.startBy !== undefined && wall > job.startBy)
        this.#happened(job, { kind: "expired" });
  }

  #dispatch(now: Instant): void {
    const { journal, clock } = this.#options;
    if (journal.waiting >= MOST_WAITING || this.#unstored.some(({ again }) => again !== undefined)) return;
    for (;;) {
      const candidates = [...this.#lanes.values()].map((lane) => ({
        device: lane.device,
        ready: lane.isReady(now),
        work: workOf(lane.device, this.#totals, this.#before),
      }));
      if (!candidates.some(({ ready }) => ready)) return;
      const next = nextDispatch(this.#waiting(), candidates);
      const lane = next && this.#lanes.get(next.device);
      const assignment = lane?.nextAssignment();
      if (!next || !lane || !assignment) return;
      const job = nextJob(next.job, { kind: "assigned", assignment }, clock.wall(), this.#rulesOf(next.job));
      if (!isGiven(job)) return;
      this.#open.set(job.id, job);
      const { device, epoch, sequence } = assignment;
      const ticket = journal.append([
        { kind: "job", job },
        { kind: "mail", device, epoch, sequence },
      ]);
      lane.begin(job, ticket, now);
    }
  }

  *#waiting(): Iterable<QueuedJob> {
    for (const job of this.#open.values()) if (job.state === "queued" && !this.#unconfirmed.has(job.id)) yield job;
  }

  /** What happened to a job; gives it as it is now, the same object where that changes nothing. */
  #happened(job: Job, event: JobEvent, answer?: JobAnswer): Job {
    const current = this.find(job.id) ?? job;
    const after = nextJob(current, event, this.#options.clock.wall(), this.#rulesOf(current));
    if (after !== current) this.#put(after, answer && { answer });
    return after;
  }

  #rulesOf({ type }: Job): { readonly redirectable: boolean; readonly succeeded: readonly string[] } {
    const { jobs, succeeded } = this.mailbox;
    return { redirectable: jobs.get(type)?.redirectable ?? false, succeeded };
  }

  #put(job: Job, reason: StoreReason = {}): void {
    if (!isEnded(job)) {
      this.#open.set(job.id, job);
      return this.#store([{ kind: "job", job }], reason);
    }
    this.#open.delete(job.id);
    const forgotten = this.#ended.add(job).map((id) => ({ kind: "forgotten", pool: this.name, id }) as const);
    this.#totals = addEnded(this.#totals, job);
    this.#store([{ kind: "job", job }, this.#totalsChange(), ...forgotten], reason);
  }

  #totalsChange(): JobChange {
    return { kind: "totals", pool: this.name, totals: this.#totals };
  }

  #store(changes: readonly JobChange[], reason: StoreReason = {}): void {
    this.#unstored.push({ changes, ticket: this.#options.journal.append(changes), again: undefined, reason });
  }

  /** Takes note of what is stored. What is not: a new order is refused, everything else is stored as it is by then. */
  #confirm(now: Instant): void {
    const waiting = this.#unstored.splice(0);
    for (const unstored of waiting) {
      const { outcome } = unstored.ticket;
      const { order, answer } = unstored.reason;
      if (outcome?.ok) {
        if (order) this.#unconfirmed.delete(order.id);
        if (answer) this.#options.answer(answer);
        continue;
      }
      if (outcome && order && this.#unconfirmed.has(order.id)) {
        this.#refuse(order, outcome.failure);
        continue;
      }
      if (outcome && unstored.again === undefined) unstored.again = plus(now, STORE_AGAIN);
      if (outcome && unstored.again !== undefined && now >= unstored.again) {
        this.#storeAgain(unstored);
        continue;
      }
      this.#unstored.push(unstored);
    }
  }

  #refuse({ id, replyTo: [replyTo] }: QueuedJob, reason: string): void {
    this.#open.delete(id);
    this.#unconfirmed.delete(id);
    this.#store([{ kind: "forgotten", pool: this.name, id }]);
    this.#reject(id, replyTo, `not stored: ${reason}`);
  }

  #storeAgain({ changes, reason }: Unstored): void {
    const newest = changes.flatMap((change): readonly JobChange[] => {
      if (change.kind === "totals") return [this.#totalsChange()];
      if (change.kind !== "job") return [change];
      const job = this.find(change.job.id);
      return job ? [{ kind: "job", job }] : [];
    });
    if (newest.length > 0 || reason.answer) this.#store(newest, reason);
  }
}
