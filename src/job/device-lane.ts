import type { Mailbox } from "../device/mailbox.ts";
import type { WriteResult } from "../device/outcome.ts";
import { formatDuration } from "../kit/duration.ts";
import { unreachable } from "../kit/invariant.ts";
import { between, type Instant, instant, type Ms, ms, plus } from "../kit/time.ts";
import type { PendingWrite } from "../scan/outputs/outputs.ts";
import { type Evidence, evidenceOf, type MailNumber, nextMail } from "./evidence.ts";
import { type Assignment, type GivenJob, isEnded, type Job } from "./job.ts";
import type { JobChange, JournalTicket } from "./job-journal.ts";
import type { MailboxDoor, StatusReading } from "./mailbox-door.ts";
import type { JobEvent } from "./next-job.ts";
import { VoidMail } from "./void-mail.ts";

/** What has not been stored after this is not waited for: the job goes back. */
const STORE_WITHIN = ms(5000);
/** A device that has turned a mail away, or could not be written to, is left alone for this long. */
const PAUSE = ms(1000);
/** A job whose device says nothing for this long is unknown, and then given up. */
const DOUBT = ms(1000);
const SILENCE = ms(5000);
const SILENT = "the device is silent";
/** A mailbox that shows no sign of any mail, though its device answers, is given up after this. */
const DEAF = ms(10_000);
const NO_SIGN = "its mailbox shows no sign of any mail";
/** Voids to a mailbox follow each other so soon, and to one that was given up. */
const VOID_AGAIN = ms(1000);
const ROUSE_AGAIN = ms(10_000);

/** Where the mail on its way is. */
type Phase =
  | { readonly step: "storing"; readonly ticket: JournalTicket; readonly by: Instant }
  | { readonly step: "writing"; readonly write: PendingWrite }
  /** It may have come: what is read after `since` tells. `by`: nothing seen until then is a doubt. */
  | { readonly step: "watching"; readonly since: Instant; readonly by: Instant };

export interface LaneOptions {
  readonly device: string;
  readonly mailbox: Mailbox;
  readonly door: MailboxDoor;
  /** Stores changes; the lane waits for the ticket before it acts. */
  readonly append: (changes: readonly JobChange[]) => JournalTicket;
  /** How long a job may still wait to be begun. */
  readonly timeLeft: (job: GivenJob) => Ms;
  /** For how long a job has been accepted, as far as that is known. */
  readonly acceptedFor: (job: GivenJob) => Ms;
  /** Something happened to the lane's job; gives the job as it is now. */
  readonly happened: (job: GivenJob, event: JobEvent) => Job;
}

/** One device of a pool: the job it has, the mail on its way, and what its status proves. */
export class DeviceLane {
  readonly device: string;
  readonly #options: LaneOptions;
  #job: GivenJob | undefined;
  #phase: Phase | undefined;
  /** Makes sure of the mail before it. */
  #void: VoidMail | undefined;
  /** Since when a mail is looked for of which there is no sign. */
  #doubtedSince: Instant | undefined;
  /** Since when its job is seen to be accepted. */
  #busySince: Instant | undefined;
  #last: MailNumber | undefined;
  /** What was read before says nothing about now. */
  #since: Instant;
  #pausedUntil: Instant = instant(0);
  #heardAt: Instant;

  constructor(options: LaneOptions, now: Instant) {
    this.device = options.device;
    this.#options = options;
    this.#since = now;
    this.#heardAt = now;
  }

  get job(): GivenJob | undefined {
    return this.#job;
  }

  /** The numbers its mails had come to before this master began. */
  restore(last: MailNumber): void {
    this.#last = last;
  }

  /** A job that was given to it before this master began: what became of its mail is to be seen. */
  resume(job: GivenJob, now: Instant): void {
    this.#job = job;
    // Its time goes on where it had come to: else a master that is started anew again and again would wait for ever.
    if (job.acceptedAt !== undefined) this.#busySince = instant(now - this.#options.acceptedFor(job));
    this.#watch(now, now);
  }

  /** It would take a job now. */
  isReady(now: Instant): boolean {
    if (this.#job || this.#doubtedSince !== undefined || now < this.#pausedUntil) return false;
    return this.#options.door.isReady(this.#since) && this.#fresh() !== undefined;
  }

  /** The mail by which a job would be given to it now; only while it is ready. */
  nextAssignment(): Assignment | undefined {
    const reading = this.#fresh();
    return reading && { device: this.device, boot: reading.status.boot, ...nextMail(this.#last, reading.status) };
  }

  /** Begins with a job whose assignment is on its way into the journal. */
  begin(job: GivenJob, ticket: JournalTicket, now: Instant): void {
    const { epoch, sequence } = job.assignment;
    this.#job = job;
    this.#last = { epoch, sequence };
    this.#phase = { step: "storing", ticket, by: plus(now, STORE_WITHIN) };
  }

  /** Its job is none of its business any more. A mailbox that was given up has to take a void before it gets another. */
  release(now: Instant): void {
    this.#job = undefined;
    this.#phase = undefined;
    if (!this.#isDeaf(now)) this.#hears();
    this.#busySince = undefined;
    this.#since = now;
  }

  step(now: Instant): void {
    if (!this.#job || !this.#phase) return this.#rouse(now);
    switch (this.#phase.step) {
      case "storing":
        return this.#store(this.#job, this.#phase, now);
      case "writing":
        return this.#write(this.#job, this.#phase.write, now);
      case "watching":
        return this.#look(this.#job, this.#phase, now);
      default:
        return unreachable(this.#phase);
    }
  }

  #store(job: GivenJob, { ticket, by }: Phase & { step: "storing" }, now: Instant): void {
    const { outcome } = ticket;
    if (!outcome && now < by) return;
    if (!outcome?.ok) return this.#unsent(job, outcome ? `not stored: ${outcome.failure}` : "not stored in time", now);
    const reading = this.#options.door.read();
    if (reading?.status.boot !== job.assignment.boot) return this.#unsent(job, "the device has started anew", now);
    const left = this.#options.timeLeft(job);
    if (left <= 0) return this.#unsent(job, "its time to be begun is over", now);
    const { epoch, sequence } = job.assignment;
    const parameters = this.#parametersOf(job);
    const posted = this.#options.door.post({ epoch, sequence, command: job.type, parameters }, now, left);
    if (!posted.ok) return this.#unsent(job, posted.failure, now);
    this.#phase = { step: "writing", write: posted.value };
    this.#tell(job, { kind: "sent" }, now);
  }

  #parametersOf(job: GivenJob): readonly number[] {
    const names = this.#options.mailbox.jobs.get(job.type)?.parameters ?? [];
    return names.map((name) => job.parameters[name] ?? 0);
  }

  #write(job: GivenJob, { result }: PendingWrite, now: Instant): void {
    if (!result) return;
    switch (arrival(result)) {
      case "there":
        return this.#watch(now, plus(now, this.#options.mailbox.acceptWithin));
      case "notThere":
        return this.#unsent(job, result.reason ?? result.outcome, now);
      case "perhaps":
        this.#watch(now, now);
        return this.#tell(job, { kind: "doubted", reason: result.reason ?? "the write may have come" }, now);
    }
  }

  #look(job: GivenJob, { since, by }: Phase & { step: "watching" }, now: Instant): void {
    const reading = this.#options.door.read();
    if (!reading || reading.askedAt <= since) return this.#silent(job, now);
    this.#heardAt = now;
    const evidence = evidenceOf(job.assignment, reading.status);
    if (evidence.kind === "none") {
      if (now >= by) this.#makeSure(job, reading, now);
      return;
    }
    this.#hears();
    if (evidence.kind === "accepted" || evidence.kind === "running") return this.#lasts(job, evidence, now);
    this.#tell(job, { kind: "evidence", evidence }, now);
    if (evidence.kind === "lost") this.release(now);
    if (evidence.kind === "rejected") this.#pausedUntil = plus(now, PAUSE);
  }

  /** Once its time is over only its end says anything new. */
  #lasts(job: GivenJob, evidence: Evidence, now: Instant): void {
    const within = this.#options.mailbox.jobs.get(job.type)?.within;
    this.#busySince ??= now;
    const isOver = within !== undefined && between(this.#busySince, now) > within;
    if (!isOver) return this.#tell(job, { kind: "evidence", evidence }, now);
    this.#tell(job, { kind: "overdue", reason: `it is not done within ${formatDuration(within)}` }, now);
  }

  #silent(job: GivenJob, now: Instant): void {
    const silent = between(this.#heardAt, now);
    if (silent >= DOUBT) this.#tell(job, { kind: "doubted", reason: SILENT }, now);
    if (silent >= SILENCE && this.#job) this.#tell(this.#job, { kind: "overdue", reason: SILENT }, now);
  }

  /** No sign of a mail that was written: a void after it shows whether it was accepted, and that it never will be. */
  #makeSure(job: GivenJob, reading: StatusReading, now: Instant): void {
    this.#doubtedSince ??= now;
    this.#sendVoid(reading, now);
    if (this.#isDeaf(now)) this.#tell(job, { kind: "overdue", reason: NO_SIGN }, now);
    else this.#tell(job, { kind: "doubted", reason: "no sign that it came" }, now);
  }

  /** Without a job: whether a mailbox that was given up takes voids again, or has started anew. */
  #rouse(now: Instant): void {
    if (this.#doubtedSince === undefined) return;
    const reading = this.#fresh();
    if (!reading) return;
    const isHeard = this.#void && evidenceOf(this.#void.mail, reading.status).kind !== "none";
    if (isHeard) this.#hears();
    else this.#sendVoid(reading, now);
  }

  #sendVoid({ status }: StatusReading, now: Instant): void {
    if (this.#void?.failed) {
      this.#void = undefined;
      this.#pausedUntil = plus(now, PAUSE);
    }
    if (this.#void) return this.#void.step(now, this.#isDeaf(now) ? ROUSE_AGAIN : VOID_AGAIN);
    if (now < this.#pausedUntil) return;
    const { append, door, mailbox } = this.#options;
    const next = nextMail(this.#last, status);
    this.#last = next;
    const ticket = append([{ kind: "mail", device: this.device, ...next }]);
    const mail = { device: this.device, boot: status.boot, ...next };
    this.#void = new VoidMail({ mail, ticket, door, command: mailbox.void });
  }

  #isDeaf(now: Instant): boolean {
    return this.#doubtedSince !== undefined && between(this.#doubtedSince, now) >= DEAF;
  }

  /** There is nothing to be made sure of. */
  #hears(): void {
    this.#void = undefined;
    this.#doubtedSince = undefined;
  }

  #unsent(job: GivenJob, reason: string, now: Instant): void {
    this.#tell(job, { kind: "unsent", reason }, now);
    this.release(now);
    this.#pausedUntil = plus(now, PAUSE);
  }

  /** Tells what happened; a job that is the device's no more leaves the lane. */
  #tell(job: GivenJob, event: JobEvent, now: Instant): void {
    const after = this.#options.happened(job, event);
    if (after.state === "queued" || isEnded(after)) this.release(now);
    else this.#job = after;
  }

  #watch(since: Instant, by: Instant): void {
    this.#phase = { step: "watching", since, by };
    this.#heardAt = since;
  }

  #fresh(): StatusReading | undefined {
    const reading = this.#options.door.read();
    return reading && reading.askedAt > this.#since ? reading : undefined;
  }
}

function arrival({ outcome }: WriteResult): "there" | "notThere" | "perhaps" {
  switch (outcome) {
    case "verified":
    case "acknowledged":
      return "there";
    case "rejected":
    case "refused":
    case "expired":
    case "failed":
      return "notThere";
    case "unknown":
      return "perhaps";
    default:
      return unreachable(outcome);
  }
}
