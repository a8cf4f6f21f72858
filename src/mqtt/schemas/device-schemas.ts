import { ALARM_STATES } from "../../alarm/alarm-machine.ts";
import { PRIORITIES } from "../../device/alarm.ts";
import { OUTCOMES } from "../../device/outcome.ts";
import type { Device } from "../../device/profile.ts";
import { MAX_TAGS } from "../json/command-payload.ts";
import { COUNT, closed, FLAG, ID, type JsonSchema, LIFETIME, listOf, NAME, NUMBER, oneOf } from "./json-schema.ts";
import { NOTHING, open, type Properties, record, TEXT, TIME, WHOLE } from "./json-schema.ts";
import { argSchema, valueSchema, writtenSchema } from "./value-schema.ts";

const BAD = ["neverRead", "offline", "disabled", "refused", "sentinel", "invalid"];
const STATUSES = ["connecting", "online", "degraded", "offline", "disabled"];

/** The payloads of a device by what follows its name in the topic; `res` stands for all of `res/<id>`. */
export function deviceSchemas(device: Device): ReadonlyMap<string, JsonSchema> {
  const samples = samplesSchema(device);
  const named: readonly (readonly [string, JsonSchema])[] = [
    ["status", closed({ ts: TIME, status: oneOf(STATUSES), since: TIME }, { reason: TEXT })],
    ["meta", metaSchema(device)],
    ["state", samples],
    ["data", samples],
    ["hist", samples],
    ["alarms", alarmsSchema(device.profile.alarms.keys())],
    ["res", resultSchema()],
    ["cmd/set", setSchema(device)],
    ["cmd/call", callSchema(device)],
    ["cmd/arm", armSchema(device)],
    ["cmd/cancel", closed({ id: ID })],
    ["cmd/service", closed({ id: ID, enabled: FLAG }, LIFETIME)],
    ["cmd/ack", closed({ id: ID }, { alarms: listOf(oneOf(device.profile.alarms.keys())), by: TEXT, ...LIFETIME })],
  ];
  return new Map(named.filter(([, schema]) => schema !== NOTHING));
}

/** Some of the tags with what they are worth; in `state` all of them. */
function samplesSchema({ tags }: Device): JsonSchema {
  const of = (schema: (name: string) => JsonSchema): JsonSchema =>
    closed({}, Object.fromEntries([...tags.keys()].map((name) => [name, schema(name)])));
  const value = (name: string): JsonSchema => {
    const tag = tags.get(name);
    return tag ? { anyOf: [valueSchema(tag), { type: "null" }] } : NOTHING;
  };
  const optional = { bad: of(() => oneOf(BAD)), stale: of(() => oneOf(["old"])), dt: of(() => WHOLE) };
  return closed({ ts: TIME, seq: COUNT, values: of(value) }, optional);
}

function metaSchema({ name, profile, line, unit, tags }: Device): JsonSchema {
  const constant = (value: unknown): JsonSchema => ({ const: value });
  const tag = open({ type: TEXT, at: TEXT, class: TEXT, writable: FLAG });
  const each = (names: Iterable<string>, schema: JsonSchema): JsonSchema =>
    closed(Object.fromEntries([...names].map((key) => [key, schema])));
  return closed({
    device: constant(name),
    profile: constant(profile.name),
    title: constant(profile.title),
    line: constant(line),
    modbusUnit: constant(unit),
    tags: each(tags.keys(), tag),
    commands: each(profile.commands.keys(), open({ args: record(open({ type: TEXT })) })),
  });
}

export function alarmsSchema(names?: Iterable<string>): JsonSchema {
  const required = {
    alarm: names ? oneOf(names) : TEXT,
    state: oneOf(ALARM_STATES),
    priority: oneOf(PRIORITIES),
    text: TEXT,
    raised: TIME,
    since: TIME,
  };
  return closed({ ts: TIME, alarms: listOf(closed(required, { by: TEXT, unknown: FLAG })) });
}

function resultSchema(): JsonSchema {
  const any: JsonSchema = {};
  const part = closed({ sent: any, readback: any }, { outcome: oneOf(OUTCOMES), reason: TEXT });
  const id = { anyOf: [ID, { type: "null" }] };
  const required = { id, outcome: oneOf(OUTCOMES), results: record(part), ms: NUMBER };
  return closed(required, { reason: TEXT, shortened: TEXT });
}

const ASKED = { ...LIFETIME, by: NAME };

function setSchema({ tags }: Device): JsonSchema {
  const writable = [...tags.values()].filter(({ write }) => write !== undefined);
  if (writable.length === 0) return NOTHING;
  const set = closed({}, Object.fromEntries(writable.map((tag) => [tag.name, writtenSchema(tag)])));
  return closed({ id: ID, set: { ...set, minProperties: 1, maxProperties: MAX_TAGS } }, ASKED);
}

function callSchema({ profile }: Device): JsonSchema {
  const calls = [...profile.commands.values()].map(({ name, title, args, arm }) => {
    const given = [...args.values()].map((arg) => [arg.name, argSchema(arg), arg.default === undefined] as const);
    const those = (needed: boolean): Properties =>
      Object.fromEntries<JsonSchema>(
        given.flatMap(([arg, schema, isNeeded]) => (isNeeded === needed ? [[arg, schema] as const] : [])),
      );
    const all = closed(those(true), those(false));
    const needsArgs = Object.keys(those(true)).length > 0;
    const required = { id: ID, call: { const: name }, ...(needsArgs ? { args: all } : {}) };
    const armed = arm === undefined ? {} : { armed: ID };
    const schema = closed({ ...required, ...armed }, { ...(needsArgs ? {} : { args: all }), ...ASKED });
    return title === undefined ? schema : { description: title, ...schema };
  });
  return calls.length === 0 ? NOTHING : { anyOf: calls };
}

function armSchema({ profile }: Device): JsonSchema {
  const armed = [...profile.commands.values()].filter(({ arm }) => arm !== undefined);
  return armed.length === 0 ? NOTHING : closed({ id: ID, command: oneOf(armed.map(({ name }) => name)) }, ASKED);
}
