import { isEnded, type Job, type ReplyTo } from "../job/job.ts";
import type { JobChange } from "../job/job-journal.ts";
import type { JobAnswer, JobDecision, JobSubmission } from "../job/job-request.ts";
import type { PoolTotals } from "../job/pool-totals.ts";
import type { Clock } from "../kit/clock.ts";
import { type Instant, ms, plus, wallTime, type WallTime } from "../kit/time.ts";
import type { Publication, Received } from "./broker.ts";
import type { BadRequest, Lifetime } from "./command-payload.ts";
import {
  jobAnswerPayload,
  jobEventPayload,
  jobResultPayload,
  parseDecide,
  parseSubmit,
  poolStatePayload,
} from "./job-payload.ts";
import type { PoolRequestTopic, Topics } from "./topics.ts";

/** Where orders and decisions go; false: the scan is not listening. */
export interface JobOutlet {
  submit(submission: JobSubmission): boolean;
  decide(decision: JobDecision): boolean;
}

export interface JobDeskOptions {
  readonly topics: Topics;
  readonly outlet: JobOutlet;
  readonly clock: Clock;
  /** Names of devices by pool. */
  readonly pools: ReadonlyMap<string, readonly string[]>;
}

/** A pool's state is told at most once in this time. */
const STATE_EVERY = ms(500);
const RETAINED = "a retained message: it would be taken again after every restart";
const SCAN_SILENT = "busy: the scan does not answer";

interface PoolPicture {
  readonly open: Map<string, Job>;
  totals: PoolTotals | undefined;
  /** When its state is to be told; undefined: nothing is new. */
  due: Instant | undefined;
  toldAt: Instant | undefined;
}

/** The pools over MQTT: takes orders and decisions, tells every change, every end and how each pool stands. */
export class JobDesk {
  readonly #options: JobDeskOptions;
  readonly #pools = new Map<string, PoolPicture>();

  constructor(options: JobDeskOptions) {
    this.#options = options;
    for (const pool of options.pools.keys()) this.#picture(pool);
  }

  /** What a message leads to at once; undefined where it is none of a pool's. */
  received(message: Received): readonly Publication[] | undefined {
    const topic = this.#options.topics.parsePoolRequest(message.topic);
    if (!topic) return undefined;
    if (message.payload.length === 0) return [];
    return topic.request === "job" ? this.#submit(message, topic) : this.#decide(message, topic);
  }

  /** Stored changes: each is told, and whoever waits for the end of a job. */
  changed(changes: readonly JobChange[]): readonly Publication[] {
    this.#note(changes);
    const { topics } = this.#options;
    return changes.flatMap((change) => {
      if (change.kind !== "job") return [];
      const { job } = change;
      const event = { ...live(topics.pool(job.pool, "event"), jobEventPayload(job)), owed: "event" } as const;
      if (!isEnded(job)) return [event];
      const payload = jobResultPayload(job);
      const askers = job.replyTo.length > 0 ? job.replyTo : [undefined];
      return [event, ...askers.map((asker) => this.#answer(asker, job, payload))];
    });
  }

  /** What was stored before: known, and not told again. */
  recalled(changes: readonly JobChange[]): void {
    this.#note(changes);
  }

  answered(answer: JobAnswer): Publication {
    return this.#answer(answer.replyTo, answer, jobAnswerPayload(answer));
  }

  /** A broker that is there again hears how every pool stands. */
  tellAll(): void {
    for (const picture of this.#pools.values()) picture.due = this.#options.clock.now();
  }

  /** States that are due. */
  states(): readonly Publication[] {
    const { topics, clock, pools } = this.#options;
    const now = clock.now();
    return [...this.#pools].flatMap(([pool, picture]) => {
      if (picture.due === undefined || now < picture.due) return [];
      picture.due = undefined;
      picture.toldAt = now;
      const payload = poolStatePayload(
        { ...picture, jobs: picture.open.values(), members: pools.get(pool) ?? [] },
        clock.wall(),
      );
      return { topic: topics.pool(pool, "state"), payload, qos: 1, retain: true } as const;
    });
  }

  #note(changes: readonly JobChange[]): void {
    for (const change of changes) {
      if (change.kind === "job") {
        const { open } = this.#picture(change.job.pool);
        if (isEnded(change.job)) open.delete(change.job.id);
        else open.set(change.job.id, change.job);
      } else if (change.kind === "totals") this.#picture(change.pool).totals = change.totals;
      else if (change.kind === "forgotten") this.#picture(change.pool).open.delete(change.id);
    }
  }

  #picture(pool: string): PoolPicture {
    const known = this.#pools.get(pool) ?? { open: new Map(), totals: undefined, due: undefined, toldAt: undefined };
    this.#pools.set(pool, known);
    const now = this.#options.clock.now();
    const soonest = known.toldAt === undefined ? now : plus(known.toldAt, STATE_EVERY);
    known.due ??= soonest > now ? soonest : now;
    return known;
  }

  #submit(message: Received, { pool }: PoolRequestTopic): readonly Publication[] {
    const parsed = parseSubmit(message.payload);
    if (!parsed.ok) return this.#bad(message, pool, parsed.failure);
    const { id, job: type, parameters, labels, priority, deadline } = parsed.value;
    const refuse = (reason: string): readonly Publication[] => this.#bad(message, pool, { id, reason });
    if (message.retained) return refuse(RETAINED);
    const wall = this.#options.clock.wall();
    const takeBy = lastMoment(parsed.value, message, wall);
    const startBy = deadline === undefined ? undefined : wallTime(wall + deadline);
    const order = { id, pool, type, parameters, labels, priority, startBy, origin: "mqtt" };
    if (takeBy < wall) return refuse("expired: it came after the time it was meant for");
    const taken = this.#options.outlet.submit({ ...order, replyTo: this.#replyTo(message), takeBy });
    return taken ? [] : refuse(SCAN_SILENT);
  }

  #decide(message: Received, { pool }: PoolRequestTopic): readonly Publication[] {
    const parsed = parseDecide(message.payload);
    if (!parsed.ok) return this.#bad(message, pool, parsed.failure);
    const { id, job, decision, by } = parsed.value;
    const refuse = (reason: string): readonly Publication[] => this.#bad(message, pool, { id, reason });
    if (message.retained) return refuse(RETAINED);
    const wall = this.#options.clock.wall();
    if (lastMoment(parsed.value, message, wall) < wall)
      return refuse("expired: it came after the time it was meant for");
    const origin = by ?? "mqtt";
    const taken = this.#options.outlet.decide({ id, pool, job, decision, origin, replyTo: this.#replyTo(message) });
    return taken ? [] : refuse(SCAN_SILENT);
  }

  /** Whoever can be told is told. */
  #bad(message: Received, pool: string, { id, reason }: BadRequest): readonly Publication[] {
    const replyTo = this.#replyTo(message);
    if (id === undefined && !replyTo) return [];
    const payload = JSON.stringify({ id: id ?? null, outcome: "rejected", reason });
    return [this.#answer(replyTo, { pool, id: id ?? "" }, payload)];
  }

  #replyTo({ responseTopic, correlationData }: Received): ReplyTo | undefined {
    if (responseTopic === undefined || !this.#options.topics.mayAnswerTo(responseTopic)) return undefined;
    return {
      topic: responseTopic,
      correlationData: correlationData && Buffer.from(correlationData).toString("base64"),
    };
  }

  #answer(replyTo: ReplyTo | undefined, { pool, id }: { pool: string; id: string }, payload: string): Publication {
    const topic = replyTo?.topic ?? this.#options.topics.poolResult(pool, id);
    const { correlationData } = replyTo ?? {};
    const correlated = correlationData && { correlationData: Buffer.from(correlationData, "base64") };
    return { ...live(topic, payload), owed: "outcome", ...correlated };
  }
}

function lastMoment({ ttl, notAfter }: Lifetime, { expiry }: Received, wall: WallTime): WallTime {
  return wallTime(Math.min(wall + ttl, wall + (expiry ?? Infinity) * 1000, notAfter ?? Infinity));
}

function live(topic: string, payload: string): Publication {
  return { topic, payload, qos: 1, retain: false };
}
