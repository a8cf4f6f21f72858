import type { JobType } from "../../device/mailbox.ts";
import type { Device } from "../../device/profile.ts";
import { DECISIONS } from "../../job/job.ts";
import { MOST_FIELDS } from "../json/job-payload.ts";
import { COUNT, closed, DURATION, ID, type JsonSchema, LIFETIME, listOf, NAME, NUMBER, oneOf } from "./json-schema.ts";
import { record, TEXT, TIME } from "./json-schema.ts";

const STATES = ["queued", "assigned", "sent", "accepted", "running", "unknown", "quarantined", "done", "failed"];

/** The payloads of a pool of these devices by what follows its name; `res` and `decided` stand for all of `res/<id>` and `decided/<id>`. */
export function poolSchemas(members: readonly Device[]): ReadonlyMap<string, JsonSchema> {
  const jobs = members[0]?.profile.mailbox?.jobs ?? new Map<string, JobType>();
  const job = oneOf(jobs.keys());
  const labels = { ...record(NAME), maxProperties: MOST_FIELDS };
  const event = { ts: TIME, id: ID, job, state: oneOf(STATES), attempts: COUNT };
  const ended = { reason: TEXT, result: TEXT, device: TEXT, attempts: COUNT, ms: NUMBER };
  return new Map([
    ["job", { anyOf: Array.from(jobs, ([name, type]) => orderSchema(name, type, labels)) }],
    ["decide", closed({ id: ID, job: NAME, decision: oneOf(DECISIONS) }, { by: NAME, ...LIFETIME })],
    ["event", closed(event, { device: TEXT, reason: TEXT, result: TEXT, labels })],
    ["res", closed({ id: ID, outcome: oneOf(["done", "failed", "rejected"]) }, ended)],
    ["decided", closed({ id: ID, outcome: oneOf(["decided", "rejected"]) }, { reason: TEXT })],
    ["state", stateSchema()],
  ]);
}

function orderSchema(name: string, { parameters }: JobType, labels: JsonSchema): JsonSchema {
  const given = closed(Object.fromEntries(parameters.map((parameter) => [parameter, NUMBER])));
  const priority = { type: "integer", minimum: 0, maximum: 9 };
  const optional = { labels, priority, deadline: DURATION, ...LIFETIME };
  const needed = parameters.length > 0;
  return closed(
    { id: ID, job: { const: name }, ...(needed ? { parameters: given } : {}) },
    needed ? optional : { ...optional, parameters: given },
  );
}

function stateSchema(): JsonSchema {
  const counts = ["queued", "working", "unknown", "quarantined", "orders", "done", "failed"];
  const device = closed({ done: COUNT, failed: COUNT, longest: NUMBER }, { job: ID, mean: NUMBER });
  return closed({
    ts: TIME,
    ...Object.fromEntries(counts.map((key) => [key, COUNT])),
    devices: record(device),
    quarantine: listOf(closed({ id: ID, device: TEXT }, { reason: TEXT })),
  });
}
