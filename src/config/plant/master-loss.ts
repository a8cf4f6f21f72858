import { formatDuration } from "../../kit/duration.ts";
import { formatLocation } from "../../device/location.ts";
import type { Device } from "../../device/profile.ts";
import type { Value } from "../../device/quality.ts";
import type { Tag, WriteRule } from "../../device/tag.ts";
import type { Plant } from "./plant.ts";

/** What becomes of one output when the master ends. */
export interface OutputFate {
  readonly device: string;
  readonly tag: string;
  /** Where it lies: `coil 0`. */
  readonly at: string;
  readonly kind: WriteRule["kind"] | "heartbeat";
  /** An orderly stop writes this. */
  readonly onStop: string;
  /** A dead master writes nothing: whether anything is guaranteed to bring the output into its safe state. */
  readonly onLoss: string;
  readonly guaranteed: boolean;
  /** Who or what sees to that. */
  readonly end: "watchdog" | "heartbeat" | "pulse" | "hold" | "open";
}

/** Every output of the plant with what happens to it when the master stops in order, and when it dies. */
export function masterLoss(plant: Plant): readonly OutputFate[] {
  return [...plant.devices.values()].flatMap((device) =>
    [...device.tags.values()].flatMap((tag) => (tag.write ? [fateOf(device, tag, tag.write)] : [])),
  );
}

function fateOf(device: Device, tag: Tag, rule: WriteRule): OutputFate {
  const isHeartbeat = device.profile.heartbeat?.tag === tag.name;
  return {
    device: device.name,
    tag: tag.name,
    at: formatLocation(tag.at),
    kind: isHeartbeat ? "heartbeat" : rule.kind,
    onStop: isHeartbeat ? "stops" : onStop(tag, rule),
    ...(isHeartbeat ? HEARTBEAT_LOSS : onLoss(device, tag, rule)),
  };
}

function onStop(tag: Tag, { kind, safe }: WriteRule): string {
  if (kind === "pulse") return "nothing: a pulse";
  if (safe === undefined) return "left as it is: no safe value declared";
  return safe === "hold"
    ? "left as it is: safe is hold"
    : `${shown(safe.value)}${tag.unit === undefined ? "" : ` ${tag.unit}`}`;
}

type Loss = Pick<OutputFate, "onLoss" | "guaranteed" | "end">;

const HEARTBEAT_LOSS: Loss = { onLoss: "stops; the slave notices", guaranteed: true, end: "heartbeat" };

/** Only the slave itself can act, and only where somebody told it to watch us. */
function onLoss({ profile: { heartbeat } }: Device, tag: Tag, rule: WriteRule): Loss {
  if (!heartbeat?.covers.includes(tag.name)) return uncovered(rule, heartbeat !== undefined);
  const every = formatDuration(heartbeat.every);
  const after = formatDuration(heartbeat.timeout);
  const onLoss = `by the slave's watchdog (heartbeat ${heartbeat.tag} every ${every}, acts after ${after})`;
  return { onLoss, guaranteed: true, end: "watchdog" };
}

function uncovered({ kind, safe }: WriteRule, watched: boolean): Loss {
  if (kind === "pulse") return { onLoss: "nothing: a pulse", guaranteed: true, end: "pulse" };
  if (safe === "hold") return { onLoss: "left as it is: safe is hold", guaranteed: true, end: "hold" };
  const onLoss = watched ? "NOT guaranteed: the watchdog does not cover it" : "NOT guaranteed";
  return { onLoss, guaranteed: false, end: "open" };
}

function shown(value: Value): string {
  return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
}
