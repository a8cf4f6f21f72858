import { ms, wallTime } from "../kit/time.ts";
import { type Assignment, DECISIONS, type Job, type ReplyTo } from "./job.ts";
import type { JobChange } from "./job-journal.ts";
import type { DeviceTotals, PoolTotals } from "./pool-totals.ts";

type Fields = Readonly<Record<string, unknown>>;

const GIVEN = ["assigned", "sent", "accepted", "running", "unknown", "quarantined"] as const;
const ENDED = ["done", "failed"] as const;

/** A change as it comes from a disk; undefined for anything that is none. */
export function readJobChange(value: unknown): JobChange | undefined {
  if (!isFields(value)) return undefined;
  const { device, pool, epoch, sequence } = value;
  switch (value["kind"]) {
    case "job": {
      const job = readJob(value["job"]);
      return job && { kind: "job", job };
    }
    case "mail":
      return isText(device) && isWord(epoch) && isWord(sequence)
        ? { kind: "mail", device, epoch, sequence }
        : undefined;
    case "totals": {
      const totals = readTotals(value["totals"]);
      return isText(pool) && totals ? { kind: "totals", pool, totals } : undefined;
    }
    default:
      return undefined;
  }
}

function readJob(value: unknown): Job | undefined {
  if (!isFields(value)) return undefined;
  const { id, pool, type, parameters, labels, priority, startBy, origin } = value;
  const { number, replyTo, attempts, reason, result, at, submittedAt, acceptedAt, state } = value;
  if (!isText(id) || !isText(pool) || !isText(type) || !isText(origin)) return undefined;
  if (!isRecordOf(parameters, isNumber) || !isRecordOf(labels, isText)) return undefined;
  if (!isNumber(priority) || !isNumber(number) || !isNumber(attempts) || !isNumber(at) || !isNumber(submittedAt))
    return undefined;
  if (!isMaybe(startBy, isNumber) || !isMaybe(acceptedAt, isNumber)) return undefined;
  if (!isMaybe(reason, isText) || !isMaybe(result, isText)) return undefined;
  const assignment = readAssignment(value["assignment"]);
  const common = {
    ...{ id, pool, type, parameters, labels, priority, origin, number, attempts, reason, result },
    startBy: startBy === undefined ? undefined : wallTime(startBy),
    replyTo: Array.isArray(replyTo) ? replyTo.flatMap((each) => readReplyTo(each) ?? []) : [],
    at: wallTime(at),
    submittedAt: wallTime(submittedAt),
    acceptedAt: acceptedAt === undefined ? undefined : wallTime(acceptedAt),
    decided: readDecided(value["decided"]),
  };
  if (state === "queued") return { ...common, state, assignment: undefined };
  const ended = ENDED.find((each) => each === state);
  if (ended) return { ...common, state: ended, assignment };
  const given = GIVEN.find((each) => each === state);
  return given && assignment && { ...common, state: given, assignment };
}

function readAssignment(value: unknown): Assignment | undefined {
  if (!isFields(value)) return undefined;
  const { device, boot, epoch, sequence } = value;
  if (!isText(device) || !isNumber(boot) || !isWord(epoch) || !isWord(sequence)) return undefined;
  return { device, boot, epoch, sequence };
}

function readDecided(value: unknown): Job["decided"] {
  if (!isFields(value) || !isText(value["id"])) return undefined;
  const decision = DECISIONS.find((each) => each === value["decision"]);
  return decision && { id: value["id"], decision };
}

function readReplyTo(value: unknown): ReplyTo | undefined {
  if (!isFields(value)) return undefined;
  const { topic, correlationData } = value;
  return isText(topic) && isMaybe(correlationData, isText) ? { topic, correlationData } : undefined;
}

function readTotals(value: unknown): PoolTotals | undefined {
  if (!isFields(value)) return undefined;
  const { orders, done, failed, devices } = value;
  if (!isNumber(orders) || !isNumber(done) || !isNumber(failed) || !isFields(devices)) return undefined;
  const read = Object.entries(devices).flatMap(([name, each]) => {
    const totals = readDeviceTotals(each);
    return totals ? [[name, totals] as const] : [];
  });
  return { orders, done, failed, devices: Object.fromEntries(read) };
}

function readDeviceTotals(value: unknown): DeviceTotals | undefined {
  if (!isFields(value)) return undefined;
  const { done, failed, work, longest } = value;
  if (!isNumber(done) || !isNumber(failed) || !isNumber(work) || !isNumber(longest)) return undefined;
  return { done, failed, work: ms(work), longest: ms(longest) };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isWord(value: unknown): value is number {
  return isNumber(value) && Number.isInteger(value) && value >= 0 && value <= 0xffff;
}

function isMaybe<T>(value: unknown, is: (value: unknown) => value is T): value is T | undefined {
  return value === undefined || is(value);
}

function isRecordOf<T>(value: unknown, is: (value: unknown) => value is T): value is Readonly<Record<string, T>> {
  return isFields(value) && Object.values(value).every(is);
}
