import { DECISIONS, type Decision, type EndedJob, isGiven, type Job } from "../../job/job.ts";
import type { JobAnswer } from "../../job/job-request.ts";
import { NO_TOTALS, type PoolTotals } from "../../job/pool-totals.ts";
import { parseDuration } from "../../kit/duration.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import type { Ms, WallTime } from "../../kit/time.ts";
import { type BadRequest, isShortText, parseRequest, type RequestFields } from "./command-payload.ts";
import { type Lifetime, parseLifetime } from "./lifetime.ts";

/** Most parameters, and most labels, of an order. */
export const MOST_FIELDS = 16;
const DEFAULT_PRIORITY = 5;

export interface SubmitRequest extends Lifetime {
  readonly id: string;
  readonly job: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  /** How long it may wait to be begun; undefined: for ever. */
  readonly deadline: Ms | undefined;
}

export interface DecideRequest extends Lifetime {
  readonly id: string;
  readonly job: string;
  readonly decision: Decision;
  readonly by: string | undefined;
}

/** Reads `{"id":"b17","job":"move","parameters":{"x":320,"y":0,"z":400},"priority":7,"deadline":"30s"}`. */
export function parseSubmit(payload: Uint8Array): Result<SubmitRequest, BadRequest> {
  const known = ["id", "job", "parameters", "labels", "priority", "deadline", "ttl", "notAfter"];
  const request = parseRequest(payload, known);
  if (!request.ok) return request;
  const { id, fields } = request.value;
  const bad = (reason: string): Result<never, BadRequest> => err({ id, reason });
  const lifetime = parseLifetime(fields);
  if (!lifetime.ok) return bad(lifetime.failure);
  const job = fields.get("job");
  if (!isShortText(job)) return bad(`"job" has to be the name of a job`);
  const parameters = parseRecord(fields, "parameters", isFiniteNumber);
  if (!parameters) return bad(`"parameters" has to be an object of at most ${MOST_FIELDS} numbers`);
  const labels = parseRecord(fields, "labels", isShortText);
  if (!labels) return bad(`"labels" has to be an object of at most ${MOST_FIELDS} words`);
  const priority = fields.get("priority") ?? DEFAULT_PRIORITY;
  if (!isFiniteNumber(priority)) return bad(`"priority" has to be a whole number from 0 to 9`);
  const given = fields.get("deadline");
  const deadline = typeof given === "string" ? parseDuration(given) : undefined;
  if (given !== undefined && (deadline === undefined || deadline <= 0))
    return bad(`"deadline" has to be a duration as in "30s"`);
  return ok({ id, job, parameters, labels, priority, deadline, ...lifetime.value });
}

/** Reads `{"id":"o1","job":"b17","decision":"retry","by":"anna"}`. */
export function parseDecide(payload: Uint8Array): Result<DecideRequest, BadRequest> {
  const request = parseRequest(payload, ["id", "job", "decision", "by", "ttl", "notAfter"]);
  if (!request.ok) return request;
  const { id, fields } = request.value;
  const lifetime = parseLifetime(fields);
  if (!lifetime.ok) return err({ id, reason: lifetime.failure });
  const job = fields.get("job");
  const by = fields.get("by");
  const decision = DECISIONS.find((each) => each === fields.get("decision"));
  if (!isShortText(job)) return err({ id, reason: `"job" has to be the id of a job` });
  if (!decision) return err({ id, reason: `"decision" has to be one of ${DECISIONS.join(", ")}` });
  if (by !== undefined && !isShortText(by)) return err({ id, reason: `"by" has to be a name` });
  return ok({ id, job, decision, by, ...lifetime.value });
}

function parseRecord<T>(
  fields: RequestFields["fields"],
  key: string,
  is: (value: unknown) => value is T,
): Readonly<Record<string, T>> | undefined {
  const given = fields.get(key);
  if (given === undefined) return {};
  if (typeof given !== "object" || given === null || Array.isArray(given)) return undefined;
  const entries: [string, T][] = [];
  for (const [name, value] of Object.entries(given)) {
    if (!is(value) || !isShortText(name)) return undefined;
    entries.push([name, value]);
  }
  return entries.length > MOST_FIELDS ? undefined : Object.fromEntries(entries);
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** `{"ts","id","job","state","device"?,"attempts","reason"?,"result"?,"labels"?}`: a change of a job. */
export function jobEventPayload(job: Job): string {
  const { id, type, state, assignment, attempts, reason, result, labels, at } = job;
  const named = Object.keys(labels).length > 0 ? labels : undefined;
  return JSON.stringify({
    ts: at,
    id,
    job: type,
    state,
    device: assignment?.device,
    attempts,
    reason,
    result,
    labels: named,
  });
}

/** `{"id","outcome","reason"?,"result"?,"device"?,"attempts","ms"}`: how a job ended. */
export function jobResultPayload({
  id,
  state,
  reason,
  result,
  assignment,
  attempts,
  at,
  submittedAt,
}: EndedJob): string {
  const ms = Math.max(0, at - submittedAt);
  return JSON.stringify({ id, outcome: state, reason, result, device: assignment?.device, attempts, ms });
}

/** What was not taken, or what came of a decision. */
export function jobAnswerPayload({ id, outcome, reason, job }: JobAnswer): string {
  return job ? jobResultPayload(job) : JSON.stringify({ id, outcome, reason });
}

/** Quarantined jobs that are named. */
const MOST_NAMED = 16;

export interface PoolStanding {
  /** That have not ended. */
  readonly jobs: Iterable<Job>;
  readonly totals: PoolTotals | undefined;
  /** Names of its devices. */
  readonly members: readonly string[];
}

/** What stands in a pool, and what it has done so far. */
export function poolStatePayload({ jobs, totals, members }: PoolStanding, wall: WallTime): string {
  const counts = { queued: 0, working: 0, unknown: 0, quarantined: 0 };
  const quarantine: { id: string; device: string; reason: string | undefined }[] = [];
  const working = new Map<string, string>();
  for (const job of jobs) {
    if (job.state === "queued") counts.queued++;
    if (!isGiven(job)) continue;
    const { id, reason, assignment } = job;
    if (job.state === "quarantined") {
      counts.quarantined++;
      if (quarantine.length < MOST_NAMED) quarantine.push({ id, device: assignment.device, reason });
    } else {
      counts[job.state === "unknown" ? "unknown" : "working"]++;
      working.set(assignment.device, id);
    }
  }
  const { orders, done, failed, devices } = totals ?? NO_TOTALS;
  const names = [...new Set([...members, ...Object.keys(devices), ...working.keys()])];
  const each = names.map((name) => {
    const { done: did = 0, failed: could = 0, work = 0, longest = 0 } = devices[name] ?? {};
    const mean = did + could > 0 ? Math.round(work / (did + could)) : undefined;
    return [name, { job: working.get(name), done: did, failed: could, mean, longest }] as const;
  });
  return JSON.stringify({ ts: wall, ...counts, orders, done, failed, devices: Object.fromEntries(each), quarantine });
}
