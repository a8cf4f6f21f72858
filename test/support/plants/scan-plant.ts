import type { Plant, SerialLineSettings } from "../../../src/config/plant/plant.ts";
import { buildCommand } from "../../../src/device/build-command.ts";
import { commandSchema } from "../../../src/device/command-schema.ts";
import { buildMailbox, type MailboxFile } from "../../../src/device/mailbox-schema.ts";
import type { Device, DeviceLimits, DeviceTiming, Profile } from "../../../src/device/profile.ts";
import type { Verify, WriteRule } from "../../../src/device/tag.ts";
import { parseDuration } from "../../../src/kit/duration.ts";
import { ms, type Ms } from "../../../src/kit/time.ts";
import { FUNCTION_CODES, type FunctionCode } from "../../../src/modbus/function-code.ts";
import { tagLike, type TagSketch } from "./tag.ts";

const CLASSES = new Map([
  ["fast", ms(20)],
  ["normal", ms(100)],
  ["slow", ms(1000)],
]);

/** A device as a test cares for it; everything else has a default. */
export interface DeviceSketch {
  readonly line?: string;
  readonly unit?: number;
  readonly disabled?: boolean;
  readonly timing?: Partial<DeviceTiming>;
  readonly limits?: Partial<DeviceLimits>;
  readonly functions?: readonly FunctionCode[];
  readonly heartbeat?: Profile["heartbeat"];
  readonly bootId?: string;
  readonly alarms?: Profile["alarms"];
  readonly mailbox?: MailboxFile;
  /** As in a profile. */
  readonly commands?: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, TagSketch>>;
}

export function deviceLike(name: string, sketch: DeviceSketch): Device {
  const tags = new Map(Object.entries(sketch.tags).map(([tag, rest]) => [tag, tagLike({ name: tag, ...rest })]));
  const timing = { turnaround: ms(10), responseTimeout: ms(100), ...sketch.timing };
  const limits = {
    readRegisters: 125,
    readBits: 2000,
    writeRegisters: 123,
    gap: 8,
    window: 1,
    mergeWrites: false,
    ...sketch.limits,
  };
  const functions = new Set(sketch.functions ?? FUNCTION_CODES);
  const commands = new Map(
    Object.entries(sketch.commands ?? {}).map(([command, file]) => {
      return [command, buildCommand(command, commandSchema.parse(file), { tags, classes: CLASSES })] as const;
    }),
  );
  const about = { name: `test/${name}`, title: name, source: undefined };
  const profile: Profile = {
    ...about,
    timing,
    limits,
    functions,
    tags,
    commands,
    heartbeat: sketch.heartbeat,
    bootId: sketch.bootId,
    alarms: sketch.alarms ?? new Map(),
    mailbox: sketch.mailbox && buildMailbox(sketch.mailbox),
  };
  const { line = "cell", unit = 1, disabled = false } = sketch;
  return { name, profile, line, unit, disabled, timing, limits, tags };
}

/** A plant with a scan period of 20 ms and the classes fast (20 ms), normal (100 ms) and slow (1 s). */
export function plantLike(devices: Readonly<Record<string, DeviceSketch>>, period: Ms = ms(20)): Plant {
  const built = Object.entries(devices).map(([name, sketch]) => deviceLike(name, sketch));
  const names = new Set(built.map((device) => device.line));
  return {
    name: "test",
    scan: {
      period,
      classes: CLASSES,
    },
    lines: new Map([...names].map((name) => [name, lineLike(name)])),
    devices: new Map(built.map((device) => [device.name, device])),
    pools: new Map(),
    programs: [],
  };
}

function lineLike(name: string): Plant["lines"] extends ReadonlyMap<string, infer L> ? L : never {
  const times = { connectTimeout: ms(1000), roundTrip: ms(4), delayAfterConnect: ms(0) };
  return { name, kind: "tcp", host: "127.0.0.1", port: 502, window: 4, gateway: undefined, ...times };
}

/** A serial line of 8E1. */
export function serialLine(name: string, baudRate: number): SerialLineSettings {
  return {
    name,
    kind: "serial",
    adapter: { path: "/dev/null" },
    format: { baudRate, parity: "even", stopBits: 1 },
    driver: "serialport",
    lowLatency: false,
    hostLatency: ms(2),
    localEcho: false,
    broadcastTurnaround: ms(100),
    delayAfterConnect: ms(0),
  };
}

/** A level that is read back within a second, unless told otherwise. */
export function level(rule: Partial<WriteRule> = {}): WriteRule {
  return { ...LEVEL, ...rule };
}

/** A pulse that its echo confirms, unless told otherwise. */
export function pulse(rule: Partial<WriteRule> = {}): WriteRule {
  return { ...LEVEL, kind: "pulse", verify: { by: "echo" }, ...rule };
}

export const READBACK: Verify = { by: "readback", tolerance: 0, within: ms(1000) };

const LEVEL: WriteRule = {
  kind: "level",
  range: undefined,
  ramp: undefined,
  maxChange: undefined,
  requires: [],
  role: "operator",
  safe: undefined,
  verify: READBACK,
  readWrite: false,
  refresh: undefined,
  onReturn: "safe",
};

/** `20ms`, `1.5s`; throws for anything else. */
export function time(text: string): Ms {
  const span = parseDuration(text);
  if (span === undefined) throw new TypeError(`"${text}" is no duration`);
  return span;
}
