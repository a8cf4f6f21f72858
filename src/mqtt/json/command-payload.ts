import type { ArmCommand, CallCommand, SetCommand } from "../../command/command.ts";
import type { Scalar, Value } from "../../device/quality.ts";
import type { Tag } from "../../device/tag.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { type Lifetime, parseLifetime } from "./lifetime.ts";
import { repeatedKey } from "./repeated-key.ts";

/** Largest command payload in bytes. */
export const MAX_COMMAND_BYTES = 16_384;
/** Most tags one command writes, and most elements of one array. */
export const MAX_TAGS = 64;
const MAX_ELEMENTS = 125;
const MAX_TEXT = 1024;

/** Letters, digits, `-` and `_`, at most 64: an id becomes a level of a topic. */
const ID = /^[A-Za-z0-9_-]{1,64}$/;

export interface SetRequest extends Lifetime, Pick<SetCommand, "id" | "set" | "by"> {}
export interface CallRequest extends Lifetime, Pick<CallCommand, "id" | "call" | "args" | "armed" | "by"> {}
export interface ArmRequest extends Lifetime, Pick<ArmCommand, "id" | "arm" | "by"> {}

export interface ServiceRequest extends Lifetime {
  readonly id: string;
  readonly enabled: boolean;
}

/** Why a request is not one, with its id when that much could be read. */
export interface BadRequest {
  readonly id: string | undefined;
  readonly reason: string;
}

/** Reads `{"id":"a1","set":{"speedSetpoint":0.5},"ttl":"2s"}`. Whether the tags exist and take it is the scan's to say. */
export function parseSet(payload: Uint8Array, tags: ReadonlyMap<string, Tag>): Result<SetRequest, BadRequest> {
  const request = parseAsked(payload, ["set"]);
  if (!request.ok) return request;
  const { fields, ...asked } = request.value;
  const set = parseTags(fields.get("set"), tags);
  return set.ok ? ok({ ...asked, set: set.value }) : err({ id: asked.id, reason: set.failure });
}

/** Reads `{"id":"a1","call":"start","args":{"speed":0.5},"ttl":"2s"}`. */
export function parseCall(payload: Uint8Array): Result<CallRequest, BadRequest> {
  const request = parseAsked(payload, ["call", "args", "armed"]);
  if (!request.ok) return request;
  const { fields, ...asked } = request.value;
  const bad = (reason: string): Result<never, BadRequest> => err({ id: asked.id, reason });
  const call = fields.get("call");
  if (!isShortText(call)) return bad(`"call" has to be the name of a command`);
  const armed = fields.get("armed");
  if (armed !== undefined && !isShortText(armed)) return bad(`"armed" has to be the id of the request that armed it`);
  const args = fields.has("args") ? parsePairs(fields.get("args"), "args", () => undefined) : ok([]);
  if (!args.ok) return bad(args.failure);
  return ok({ ...asked, call, args: args.value, ...(armed === undefined ? {} : { armed }) });
}

/** Reads `{"id":"a0","command":"start"}`. */
export function parseArm(payload: Uint8Array): Result<ArmRequest, BadRequest> {
  const request = parseAsked(payload, ["command"]);
  if (!request.ok) return request;
  const { fields, ...asked } = request.value;
  const arm = fields.get("command");
  return isShortText(arm) ? ok({ ...asked, arm }) : err({ id: asked.id, reason: `"command" has to be its name` });
}

/** Reads `{"id":"a1"}`: the id of what is to be cancelled. */
export function parseCancel(payload: Uint8Array): Result<{ readonly id: string }, BadRequest> {
  const request = parseRequest(payload, ["id"]);
  return request.ok ? ok({ id: request.value.id }) : request;
}

interface AskedFields extends RequestFields, Lifetime {
  readonly by?: string;
}

/** What every command has, and the rest of its fields. */
function parseAsked(payload: Uint8Array, own: readonly string[]): Result<AskedFields, BadRequest> {
  const request = parseRequest(payload, ["id", ...own, "ttl", "notAfter", "by"]);
  if (!request.ok) return request;
  const { id, fields } = request.value;
  const lifetime = parseLifetime(fields);
  if (!lifetime.ok) return err({ id, reason: lifetime.failure });
  const by = fields.get("by");
  if (by !== undefined && !isShortText(by))
    return err({ id, reason: `"by" has to be a name of at most 64 characters` });
  return ok({ id, fields, ...(by === undefined ? {} : { by }), ...lifetime.value });
}

export function isShortText(json: unknown): json is string {
  return typeof json === "string" && /^[^\p{Cc}]{1,64}$/u.test(json);
}

/** Reads `{"id":"s1","enabled":false,"ttl":"2s"}`. */
export function parseService(payload: Uint8Array): Result<ServiceRequest, BadRequest> {
  const request = parseRequest(payload, ["id", "enabled", "ttl", "notAfter"]);
  if (!request.ok) return request;
  const { id, fields } = request.value;
  const enabled = fields.get("enabled");
  if (typeof enabled !== "boolean") return err({ id, reason: `"enabled" has to be true or false` });
  const lifetime = parseLifetime(fields);
  return lifetime.ok ? ok({ id, enabled, ...lifetime.value }) : err({ id, reason: lifetime.failure });
}

export interface AckRequest extends Lifetime {
  readonly id: string;
  /** Undefined: all that want it. */
  readonly alarms: readonly string[] | undefined;
  readonly by: string | undefined;
}

/** Most alarms one request names. */
const MAX_ALARMS = 256;

/** Reads `{"id":"k1","alarms":["jammed"],"by":"maria"}`; without `alarms` all are meant. */
export function parseAck(payload: Uint8Array): Result<AckRequest, BadRequest> {
  const request = parseRequest(payload, ["id", "alarms", "by", "ttl", "notAfter"]);
  if (!request.ok) return request;
  const { id, fields } = request.value;
  const alarms = fields.get("alarms");
  const by = fields.get("by");
  if (alarms !== undefined && !isNames(alarms)) return err({ id, reason: `"alarms" has to be a list of names` });
  if (by !== undefined && (typeof by !== "string" || by.length > MAX_TEXT))
    return err({ id, reason: `"by" has to be a name` });
  const lifetime = parseLifetime(fields);
  return lifetime.ok ? ok({ id, alarms, by, ...lifetime.value }) : err({ id, reason: lifetime.failure });
}

function isNames(json: unknown): json is readonly string[] {
  return Array.isArray(json) && json.length <= MAX_ALARMS && json.every((name) => typeof name === "string");
}

export interface RequestFields {
  readonly id: string;
  readonly fields: ReadonlyMap<string, unknown>;
}

export function parseRequest(payload: Uint8Array, known: readonly string[]): Result<RequestFields, BadRequest> {
  const bad = (reason: string, id?: string): Result<never, BadRequest> => err({ id, reason });
  if (payload.length > MAX_COMMAND_BYTES) return bad(`larger than ${MAX_COMMAND_BYTES} bytes`);
  const text = decode(payload);
  const json = parseJson(text);
  if (!isRecord(json)) return bad("no JSON object");
  const fields = new Map(Object.entries(json));
  const id = fields.get("id");
  const repeated = repeatedKey(text);
  if (repeated === "id") return bad(`${quote(repeated)} is given twice`);
  if (typeof id !== "string" || !ID.test(id)) return bad(`"id" has to be 1 to 64 letters, digits, "-" or "_"`);
  if (repeated !== undefined) return bad(`${quote(repeated)} is given twice`, id);
  const unknown = [...fields.keys()].find((key) => !known.includes(key));
  if (unknown !== undefined) return bad(`unknown key ${quote(unknown)} (known: ${known.join(", ")})`, id);
  return ok({ id, fields });
}

/** The id of a request of whatever kind; undefined where it has none that can be answered. */
export function idOf(payload: Uint8Array): string | undefined {
  const request = parseRequest(payload, []);
  return request.ok ? request.value.id : request.failure.id;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Bytes that are no UTF-8 are no JSON either. */
function decode(payload: Uint8Array): string {
  try {
    return utf8.decode(payload);
  } catch {
    return "";
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function parseTags(json: unknown, tags: ReadonlyMap<string, Tag>): Result<SetCommand["set"], string> {
  const set = parsePairs(json, "set", (name) => tags.get(name));
  return set.ok && set.value.length === 0 ? err(`"set" names no tag`) : set;
}

function parsePairs(
  json: unknown,
  key: string,
  tagOf: (name: string) => Tag | undefined,
): Result<SetCommand["set"], string> {
  const what = key === "set" ? "tags" : "arguments";
  if (!isRecord(json)) return err(`"${key}" has to be an object of ${what} and values`);
  const entries = Object.entries(json);
  if (entries.length > MAX_TAGS) return err(`"${key}" names more than ${MAX_TAGS} ${what}`);
  const pairs: [string, Value][] = [];
  for (const [name, given] of entries) {
    const value = parseValue(given, tagOf(name));
    if (!value.ok) return err(`${quote(name)} ${value.failure}`);
    pairs.push([name, value.value]);
  }
  return ok(pairs);
}

function parseValue(json: unknown, tag: Tag | undefined): Result<Value, string> {
  if (!Array.isArray(json)) return parseScalar(json, tag);
  if (json.length > MAX_ELEMENTS) return err(`has more than ${MAX_ELEMENTS} elements`);
  const scalars: Scalar[] = [];
  for (const element of json) {
    const scalar = parseScalar(element, tag);
    if (!scalar.ok) return scalar;
    scalars.push(scalar.value);
  }
  return ok(scalars);
}

const LONG = /^-?\d{1,20}$/;

function parseScalar(json: unknown, tag: Tag | undefined): Result<Scalar, string> {
  switch (typeof json) {
    case "boolean":
      return ok(json);
    case "number":
      if (!Number.isFinite(json)) return err("is no finite number");
      if (isLong(tag) && Number.isInteger(json) && !Number.isSafeInteger(json))
        return err("is not exact as a JSON number beyond 2^53; write it as a string");
      return ok(json);
    case "string":
      if (json.length > MAX_TEXT) return err(`is longer than ${MAX_TEXT} characters`);
      return ok(isLong(tag) && LONG.test(json) ? BigInt(json) : json);
    default:
      return err("has to be a boolean, a number, a string, or an array of them");
  }
}

function isLong(tag: Tag | undefined): boolean {
  return tag?.type === "int64" || tag?.type === "uint64" || tag?.type === "bcd64";
}

/** Someone else's text in a message of ours: short, and on one line. */
function quote(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
}
