import type { WallTime } from "../../kit/time.ts";
import { wallTime } from "../../kit/time.ts";
import { timingText } from "./timing-text.ts";

export interface TagView {
  readonly text: string;
  readonly unit: string;
  readonly quality: "good" | "stale" | "bad";
  /** Why it is not good. */
  readonly reason: string;
  /** Source time of the value; undefined where there is none. */
  readonly at: WallTime | undefined;
  /** Counts up with every change of any tag of the device: what is highest changed last. */
  readonly changedAt: number;
}

export interface AlarmView {
  readonly text: string;
  readonly state: string;
  readonly priority: string;
  /** When its cause was last found standing. */
  readonly at: WallTime | undefined;
}

export interface DeviceView {
  readonly name: string;
  readonly status: string;
  readonly reason: string;
  /** Those that are not normal, most urgent first. */
  readonly alarms: readonly AlarmView[];
  readonly tags: ReadonlyMap<string, TagView>;
}

/** A plant as its messages show it. Whatever a broker sends is taken for what it is worth: text of others. */
export class PlantView {
  readonly #rootLevels: number;
  readonly #devices = new Map<string, MutableDevice>();
  #gateway = "unknown";
  #timing = "";
  #alarms: readonly AlarmView[] = [];

  /** `root` may hold `+` for levels that are not known. */
  constructor(root: string) {
    this.#rootLevels = root.split("/").length;
  }

  /** State of the gateway: online, offline, lost, or unknown. */
  get gateway(): string {
    return this.#gateway;
  }

  /** How cycle and lines keep their time; empty where nobody has said. */
  get timing(): string {
    return this.#timing;
  }

  /** Of no device: those of programs. */
  get alarms(): readonly AlarmView[] {
    return this.#alarms;
  }

  /** Of a master that is gone nothing is kept up: what it said last is known, and that it is not good. */
  get devices(): readonly DeviceView[] {
    const devices = [...this.#devices.values()];
    if (!this.#isGone) return devices;
    return devices.map((device) => ({
      ...device,
      status: "unknown",
      reason: this.#gone,
      tags: this.#kept(device.tags),
    }));
  }

  get #isGone(): boolean {
    return this.#gateway === "offline" || this.#gateway === "lost";
  }

  get #gone(): string {
    return `the master is ${this.#gateway}`;
  }

  #kept(tags: ReadonlyMap<string, TagView>): ReadonlyMap<string, TagView> {
    if (!this.#isGone) return tags;
    const stale = { quality: "stale", reason: this.#gone } as const;
    return new Map([...tags].map(([name, tag]) => [name, tag.quality === "good" ? { ...tag, ...stale } : tag]));
  }

  /** Takes a message over; what it changes of what is shown line by line, if anything. */
  take(topic: string, payload: string): ViewChange | StatusChange | undefined {
    const [device, leaf, ...rest] = topic.split("/").slice(this.#rootLevels);
    const message = parseRecord(payload);
    if (!device || !leaf || rest.length > 0 || !message) return undefined;
    if (device === "_gw") {
      if (leaf === "status") return this.#takeGateway(plainText(message["state"]));
      if (leaf === "alarms") this.#alarms = alarmViews(message);
      if (leaf === "stats") this.#timing = plainText(timingText(message));
      return undefined;
    }
    return this.#takeDevice(this.#device(plainText(device)), leaf, message);
  }

  #takeGateway(state: string): StatusChange | undefined {
    const before = this.#gateway;
    this.#gateway = state;
    return statusChange(GATEWAY, before, state, this.#isGone ? "nothing is kept up to date" : "");
  }

  #takeDevice(device: MutableDevice, leaf: string, message: JsonRecord): ViewChange | StatusChange | undefined {
    switch (leaf) {
      case "status": {
        const before = device.status;
        device.status = plainText(message["status"]);
        device.reason = plainText(message["reason"]);
        return statusChange(device.name, before, device.status, device.reason);
      }
      case "meta":
        takeUnits(device, recordOf(message["tags"]));
        return undefined;
      case "alarms":
        device.alarms = alarmViews(message);
        return undefined;
      case "state":
      case "data":
        return { device: device.name, live: leaf === "data", tags: this.#kept(takeValues(device, message)) };
      default:
        return undefined;
    }
  }

  #device(name: string): MutableDevice {
    const known = this.#devices.get(name);
    if (known) return known;
    const device = {
      name,
      status: "unknown",
      reason: "",
      alarms: [],
      tags: new Map<string, TagView>(),
      units: new Map<string, string>(),
      changes: 0,
    };
    this.#devices.set(name, device);
    return device;
  }
}

/** Tags a message told of. */
export interface ViewChange {
  readonly device: string;
  /** A change as it happened, not a snapshot. */
  readonly live: boolean;
  readonly tags: ReadonlyMap<string, TagView>;
}

/** A master or a device that is not what it was. */
export interface StatusChange {
  readonly of: string;
  readonly status: string;
  readonly reason: string;
}

const GATEWAY = "master";

/** That something is online when it is first heard of is no news. */
function statusChange(of: string, before: string, status: string, reason: string): StatusChange | undefined {
  const isNews = status !== before && !(before === "unknown" && status === "online");
  return isNews ? { of, status, reason } : undefined;
}

interface MutableDevice {
  readonly name: string;
  status: string;
  reason: string;
  alarms: readonly AlarmView[];
  readonly tags: Map<string, TagView>;
  readonly units: Map<string, string>;
  changes: number;
}

type JsonRecord = Readonly<Record<string, unknown>>;

/** More than anybody looks at in one list. */
const MOST_ALARMS = 100;

function alarmViews({ alarms }: JsonRecord): readonly AlarmView[] {
  if (!Array.isArray(alarms)) return [];
  return alarms
    .slice(0, MOST_ALARMS)
    .map(recordOf)
    .map(({ alarm, text, state, priority, raised, unknown }) => ({
      text: `${plainText(alarm)}: ${plainText(text)}`,
      state: unknown === true ? `${plainText(state)}, not known` : plainText(state),
      priority: plainText(priority),
      at: typeof raised === "number" && Number.isFinite(raised) ? wallTime(raised) : undefined,
    }));
}

function takeUnits(device: MutableDevice, tags: JsonRecord): void {
  for (const [tag, meta] of Object.entries(tags)) {
    const unit = plainText(recordOf(meta)["unit"]);
    device.units.set(tag, unit);
    const known = device.tags.get(tag);
    if (known) device.tags.set(tag, { ...known, unit });
  }
}

function takeValues(device: MutableDevice, message: JsonRecord): ReadonlyMap<string, TagView> {
  const told = new Map<string, TagView>();
  const [bad, stale, dt] = [recordOf(message["bad"]), recordOf(message["stale"]), recordOf(message["dt"])];
  for (const [name, value] of Object.entries(recordOf(message["values"]))) {
    const tag = plainText(name);
    const quality = name in bad ? "bad" : name in stale ? "stale" : "good";
    const at = value === null ? NaN : Number(message["ts"]) + Number(dt[name] ?? 0);
    const text = value === null ? "–" : plainText(value, shortFraction);
    const before = device.tags.get(tag);
    const changed = before?.text !== text || before.quality !== quality;
    told.set(tag, {
      text,
      unit: device.units.get(tag) ?? "",
      quality,
      reason: plainText(bad[name] ?? stale[name]),
      at: Number.isFinite(at) ? wallTime(at) : undefined,
      changedAt: changed ? ++device.changes : before.changedAt,
    });
  }
  for (const [tag, view] of told) device.tags.set(tag, view);
  return told;
}

/** Text for a terminal: no control characters, which could steer it. */
function plainText(value: unknown, replacer?: (key: string, value: unknown) => unknown): string {
  if (value === undefined || value === null) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value, replacer);
  return text.replaceAll(/\p{Cc}/gu, "�").slice(0, 200);
}

/** Six digits of a fraction are what a person reads: a scale of 1/16384 gives thirteen. */
function shortFraction(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}

function parseRecord(text: string): JsonRecord | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isRecord(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): JsonRecord {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
