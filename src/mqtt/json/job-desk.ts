import { type EndedJob, isEnded, type Job, type ReplyTo } from "../../job/job.ts";
import type { JobChange } from "../../job/job-journal.ts";
import type { JobAnswer, JobDecision, JobSubmission } from "../../job/job-request.ts";
import type { PoolTotals } from "../../job/pool-totals.ts";
import { type Role, roleNamed } from "../../device/role.ts";
import type { Clock } from "../../kit/clock.ts";
import { type Instant, ms, plus, wallTime } from "../../kit/time.ts";
import type { Publication, Received } from "../broker/broker.ts";
import { type BadRequest, idOf } from "./command-payload.ts";
import {
  jobAnswerPayload,
  jobEventPayload,
  jobResultPayload,
  parseDecide,
  parseSubmit,
  poolStatePayload,
} from "./job-payload.ts";
import { lifetimeOf } from "./lifetime.ts";
import { SCAN_SILENT, TOO_LATE } from "../rejections.ts";
import type { PoolRequestTopic, Topics } from "../topics.ts";

/** Where orders and decisions go; false: the scan is not listening. */
export interface JobOutlet {
  submit(submission: JobSubmission): boolean;
  decide(decision: JobDecision): boolean;
}

/** What was stored before this office. */
export interface RecalledChanges {
  readonly changes: readonly JobChange[];
  readonly untold: readonly EndedJob[];
}

/** Hears of an end that the broker has, for everybody who asked. */
export type Told = (job: EndedJob) => void;

export interface JobDeskOptions {
  readonly topics: Topics;
  readonly outlet: JobOutlet;
  readonly clock: Clock;
  /** Names of devices by pool. */
  readonly pools: ReadonlyMap<string, readonly string[]>;
}

/** What a request leads to at once, or what answers it. */
export interface JobReply {
  readonly answer: Publication | undefined;
  /** For `_gw/event`: a request that nobody can be told about. */
  readonly event: { readonly event: "job.bad"; readonly fields: Readonly<Record<string, string>> } | undefined;
}

const NOTHING: JobReply = { answer: undefined, event: undefined };
/** Orders on their way through the scan; with so many, one more is refused. */
const MOST_ASKED = 4096;
/** A pool's state is told at most once in this time. */
const STATE_EVERY = ms(500);
const RETAINED = "a retained message: it would be taken again after every restart";

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
  /** Orders that were handed on, and neither taken nor refused so far. */
  readonly #asked = new Set<string>();

  constructor(options: JobDeskOptions) {
    this.#options = options;
    for (const pool of options.pools.keys()) this.#picture(pool);
  }

  /** What a message leads to at once; undefined where it is none of a pool's. */
  received(message: Received): JobReply | undefined {
    const topic = this.#options.topics.parsePoolRequest(message.topic);
    if (!topic) return undefined;
    if (message.payload.length === 0) return NOTHING;
    const role = topic.role === undefined ? undefined : roleNamed(topic.role);
    if (role && !role.ok) return this.#bad(message, topic, { id: idOf(message.payload), reason: role.failure });
    const asked = { ...topic, role: role?.value };
    return topic.request === "job" ? this.#submit(message, asked) : this.#decide(message, asked);
  }

  /** Stored changes: each is told, and whoever waits for the end of a job. */
  changed(changes: readonly JobChange[], told: Told = () => undefined): readonly Publication[] {
    this.#note(changes);
    const { topics } = this.#options;
    return changes.flatMap((change) => {
      if (change.kind !== "job") return [];
      const { job } = change;
      const event = { ...live(topics.pool(job.pool, "event"), jobEventPayload(job)), owed: "event" } as const;
      if (!isEnded(job)) return [event];
      return [event, ...this.#ended(job, told)];
    });
  }

  /** What was stored before: known, and of it only those ends are told that were not. */
  recalled({ changes, untold }: RecalledChanges, told: Told = () => undefined): readonly Publication[] {
    this.#note(changes);
    return untold.flatMap((job) => this.#ended(job, told));
  }

  /** The end of a job for everybody who asked for it; `told` once the broker has all of it. */
  #ended(job: EndedJob, told: Told): readonly Publication[] {
    const payload = jobResultPayload(job);
    const askers = job.replyTo.length > 0 ? job.replyTo : [this.#resultOf(job)];
    let open = askers.length;
    const settled = (): void => {
      if (--open === 0) told(job);
    };
    return askers.map((asker) => ({ ...this.#answer(asker, payload), settled }));
  }

  answered(answer: JobAnswer): JobReply {
    const { pool, id, to, replyTo, outcome, reason = "" } = answer;
    const { topics } = this.#options;
    const payload = jobAnswerPayload(answer);
    if (to === "decision") return told(this.#answer(replyTo ?? ownTopic(topics.poolDecided(pool, id)), payload));
    if (answer.awaited !== true) this.#asked.delete(keyOf(answer));
    const isAwaited = answer.awaited === true || this.#isAwaited(pool, id);
    if (outcome === "rejected" && isAwaited && !replyTo) return bad({ pool, id, reason });
    return told(this.#answer(replyTo ?? this.#resultOf(answer), payload));
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
        this.#asked.delete(keyOf(change.job));
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

  #submit(message: Received, topic: AskedOf): JobReply {
    const { pool, role } = topic;
    const parsed = parseSubmit(message.payload);
    if (!parsed.ok) return this.#bad(message, topic, parsed.failure);
    const { id, job: type, parameters, labels, priority, deadline } = parsed.value;
    const refuse = (reason: string): JobReply => this.#bad(message, topic, { id, reason });
    if (message.retained) return refuse(RETAINED);
    const wall = this.#options.clock.wall();
    const lifetime = lifetimeOf(parsed.value, message, wall);
    const startBy = deadline === undefined ? undefined : wallTime(wall + deadline);
    const order = { id, pool, type, parameters, labels, priority, startBy, origin: "mqtt" };
    if (lifetime < 0) return refuse(TOO_LATE);
    if (this.#asked.size >= MOST_ASKED) return refuse("busy: too many orders at a time");
    const takeBy = wallTime(wall + lifetime);
    const submission = { ...order, replyTo: this.#replyTo(message), takeBy, ...(role && { role }) };
    if (!this.#options.outlet.submit(submission)) return refuse(SCAN_SILENT);
    if (!this.#isAwaited(pool, id)) this.#asked.add(keyOf(order));
    return NOTHING;
  }

  #decide(message: Received, topic: AskedOf): JobReply {
    const { pool, role } = topic;
    const parsed = parseDecide(message.payload);
    if (!parsed.ok) return this.#bad(message, topic, parsed.failure);
    const { id, job, decision, by } = parsed.value;
    const refuse = (reason: string): JobReply => this.#bad(message, topic, { id, reason });
    if (message.retained) return refuse(RETAINED);
    const wall = this.#options.clock.wall();
    if (lifetimeOf(parsed.value, message, wall) < 0) return refuse(TOO_LATE);
    const origin = by ?? "mqtt";
    const decided = { id, pool, job, decision, origin, replyTo: this.#replyTo(message), ...(role && { role }) };
    return this.#options.outlet.decide(decided) ? NOTHING : refuse(SCAN_SILENT);
  }

  /**
   * Whoever can be told is told; without an id there is no topic of ours to tell it on, and none where the end of a job is
   * awaited: a rejection there would pass for it.
   */
  #bad(
    message: Received,
    { pool, request }: Pick<PoolRequestTopic, "pool" | "request">,
    { id, reason }: BadRequest,
  ): JobReply {
    const replyTo = this.#replyTo(message) ?? this.#ownTopicOf(pool, request, id);
    if (!replyTo) return bad({ pool, ...(id !== undefined && { id }), reason });
    return told(this.#answer(replyTo, JSON.stringify({ id: id ?? null, outcome: "rejected", reason })));
  }

  #ownTopicOf(pool: string, request: PoolRequestTopic["request"], id: string | undefined): ReplyTo | undefined {
    if (id === undefined) return undefined;
    if (request === "decide") return ownTopic(this.#options.topics.poolDecided(pool, id));
    return this.#isAwaited(pool, id) ? undefined : this.#resultOf({ pool, id });
  }

  #isAwaited(pool: string, id: string): boolean {
    return this.#asked.has(keyOf({ pool, id })) || this.#pools.get(pool)?.open.has(id) === true;
  }

  /** No topic of a device: there the outcome of a command may be awaited. */
  #replyTo({ responseTopic, correlationData }: Received): ReplyTo | undefined {
    const { topics } = this.#options;
    if (responseTopic === undefined || !topics.mayAnswerTo(responseTopic)) return undefined;
    if (topics.parseResult(responseTopic)) return undefined;
    return {
      topic: responseTopic,
      correlationData: correlationData && Buffer.from(correlationData).toString("base64"),
    };
  }

  #resultOf({ pool, id }: { readonly pool: string; readonly id: string }): ReplyTo {
    return ownTopic(this.#options.topics.poolResult(pool, id));
  }

  #answer({ topic, correlationData }: ReplyTo, payload: string): Publication {
    const correlated = correlationData && { correlationData: Buffer.from(correlationData, "base64") };
    return { ...live(topic, payload), owed: "outcome", ...correlated };
  }
}

/** What the topic says of a request. */
type AskedOf = Omit<PoolRequestTopic, "role"> & { readonly role: Role | undefined };

function told(answer: Publication): JobReply {
  return { answer, event: undefined };
}

function bad(fields: Readonly<Record<string, string>>): JobReply {
  return { answer: undefined, event: { event: "job.bad", fields } };
}

function ownTopic(topic: string): ReplyTo {
  return { topic, correlationData: undefined };
}

function keyOf({ pool, id }: { readonly pool: string; readonly id: string }): string {
  return `${pool}/${id}`;
}

function live(topic: string, payload: string): Publication {
  return { topic, payload, qos: 1, retain: false };
}
