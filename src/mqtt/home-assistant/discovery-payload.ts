import { linearScale } from "../../device/linear-scale.ts";
import type { Device } from "../../device/profile.ts";
import { registerFormat } from "../../device/scalar-codec.ts";
import { ON_DEMAND, type Range, type Tag } from "../../device/tag.ts";
import { registerCodec } from "../../modbus/register-codec.ts";
import type { GatewayIdentity } from "../gateway-payload.ts";
import type { Topics } from "../topics.ts";
import { deviceClassOf } from "./device-class.ts";

/** By this Home Assistant knows the device, and its topic is named after it. */
export function discoveryId({ gateway }: Pick<GatewayIdentity, "gateway">, device: string): string {
  return `takt-${gateway}-${device}`;
}

export interface DiscoveryContext {
  readonly identity: Pick<GatewayIdentity, "gateway" | "version">;
  readonly topics: Topics;
}

/**
 * What Home Assistant has to know of a device, all in one message (its MQTT discovery, "device discovery payload"): an entity for every
 * tag that has a single value and is read in turn or may be kept at a level. All of them live on `<device>/state`.
 */
export function discoveryPayload(device: Device, { identity, topics }: DiscoveryContext): string {
  const id = discoveryId(identity, device.name);
  const commandTopic = topics.request(device.name, "set");
  const entities = [...device.tags.values()].filter(isShown).map((tag) => {
    const own = { name: tag.name, unique_id: `${id}-${tag.name}`, value_template: valueTemplate(tag) };
    return [tag.name, { ...own, ...entityOf(tag, commandTopic) }] as const;
  });
  return JSON.stringify({
    dev: { ids: [id], name: device.name, mdl: device.profile.title, mdl_id: device.profile.name },
    o: { name: "takt", sw: identity.version },
    availability: [
      { topic: topics.gateway("status"), value_template: availabilityTemplate("state", ["online"]) },
      { topic: topics.device(device.name, "status"), value_template: availabilityTemplate("status", THERE) },
    ],
    availability_mode: "all",
    state_topic: topics.device(device.name, "state"),
    qos: 1,
    cmps: Object.fromEntries(entities),
  });
}

const THERE = ["online", "degraded"];

function availabilityTemplate(key: string, states: readonly string[]): string {
  return `{{ 'online' if value_json['${key}'] in ${JSON.stringify(states)} else 'offline' }}`;
}

function isShown(tag: Tag): boolean {
  return tag.count === undefined && (tag.scanClass !== ON_DEMAND || tag.write?.kind === "level");
}

/** `None` is what Home Assistant takes for "unknown": no value (bad), and one that is older than it promises (stale). */
function valueTemplate({ name }: Tag): string {
  const key = JSON.stringify(name);
  return `{{ value_json['values'].get(${key}) if ${key} not in value_json.get('stale', {}) else None }}`;
}

/** The id is the time to the microsecond with a random number: no two commands of a Home Assistant have the same. */
function commandTemplate({ name }: Tag, value: string): string {
  const id = "ha-{{ (now().timestamp() * 1000000) | int }}-{{ range(1000000) | random }}";
  return `{"id":"${id}","set":{${JSON.stringify(name)}:{{ ${value} }}},"by":"homeassistant"}`;
}

function entityOf(tag: Tag, commandTopic: string): Readonly<Record<string, unknown>> {
  const { type, write } = tag;
  const values = [...new Set(tag.values?.values() ?? [])];
  const commanded = (value: string) => ({
    command_topic: commandTopic,
    command_template: commandTemplate(tag, value),
  });
  if (write?.kind === "level") {
    if (type === "bool") return { p: "switch", ...commanded("value"), ...SWITCH };
    if (type === "enum") return { p: "select", ...commanded("value | tojson"), options: values };
    const reach = reachOf(tag);
    if (reach) return { p: "number", ...commanded("value"), ...reach, mode: "box", ...measured(tag) };
  }
  if (type === "bool") return { p: "binary_sensor", payload_on: "True", payload_off: "False" };
  if (type === "enum") return { p: "sensor", device_class: "enum", options: values };
  return { p: "sensor", ...measured(tag), ...(isMeasurement(tag) ? { state_class: "measurement" } : {}) };
}

/** The value template makes Python's words of a boolean, the command template needs JSON's. */
const SWITCH = { payload_on: "true", payload_off: "false", state_on: "True", state_off: "False" };

function measured({ type, unit }: Tag): Readonly<Record<string, unknown>> {
  return type === "string" || unit === undefined
    ? {}
    : { unit_of_measurement: unit, device_class: deviceClassOf(unit) };
}

/** Energy only ever grows; of other classes that are known the mean says something. */
function isMeasurement({ type, unit }: Tag): boolean {
  const known = type === "string" || unit === undefined ? undefined : deviceClassOf(unit);
  return known !== undefined && known !== "energy";
}

/** The least step Home Assistant has. */
const LEAST_STEP = 0.001;

/** What a number may be set to; undefined: Home Assistant, which reckons with floating point, cannot say it exactly. */
function reachOf(tag: Tag): { readonly min: number; readonly max: number; readonly step: number } | undefined {
  if (tag.type === "string" || ["int64", "uint64", "bcd64"].includes(tag.type)) return undefined;
  const isReal = tag.type === "float32" || tag.type === "float64";
  const { min, max } = tag.write?.range ?? tag.valid ?? ownRange(tag);
  return { min, max, step: isReal ? LEAST_STEP : Math.max(LEAST_STEP, Math.abs(tag.scale)) };
}

/** Engineering values of all that its registers hold. */
function ownRange(tag: Tag): Range {
  const raw = tag.at.bits
    ? { min: 0, max: 2 ** (tag.at.bits.high - tag.at.bits.low + 1) - 1 }
    : registerCodec(registerFormat(tag)).range;
  if (!raw) return { min: -Number.MAX_VALUE, max: Number.MAX_VALUE };
  const scale = linearScale(tag.scale, tag.offset);
  const ends = [scale.fromInteger(Number(raw.min)), scale.fromInteger(Number(raw.max))];
  return { min: Math.min(...ends), max: Math.max(...ends) };
}
