import { formatDuration } from "../kit/duration.ts";
import { ms, type Ms } from "../kit/time.ts";
import { FUNCTION_CODES, FUNCTION_NAMES, type FunctionCode } from "../modbus/function-code.ts";
import { MAX_READ_BITS, MAX_WRITE_REGISTERS } from "../modbus/limits.ts";
import { buildCommand } from "./build-command.ts";
import { buildAlarm, checkAlarm } from "./build-alarm.ts";
import { buildTag } from "./build-tag.ts";
import { checkCommand } from "./check-command.ts";
import { checkGroups } from "./check-groups.ts";
import { checkMailbox } from "./check-mailbox.ts";
import { checkOverlap } from "./check-overlap.ts";
import { checkTag, type DeviceAbility } from "./check-tag.ts";
import { checkConditions } from "./check-condition.ts";
import { checkExpect, checkWrite } from "./check-write.ts";
import { didYouMean } from "./did-you-mean.ts";
import { about, type Finding } from "./finding.ts";
import { heartbeatValues } from "./heartbeat-values.ts";
import { buildMailbox } from "./mailbox-schema.ts";
import type { DeviceLimits, DeviceTiming, Heartbeat, Profile } from "./profile.ts";
import type { Operand } from "./operand.ts";
import type { ProfileFile } from "./profile-schema.ts";
import { ON_DEMAND, ONCE, type Tag } from "./tag.ts";

/** Every public function but those that few slaves know: FC 22, 23, 17 and 43 have to be named. */
const DEFAULT_FUNCTIONS: readonly FunctionCode[] = [1, 2, 3, 4, 5, 6, 15, 16];
const DEFAULT_TIMING: DeviceTiming = { turnaround: ms(10), responseTimeout: ms(500) };
const DEFAULT_LIMITS: DeviceLimits = {
  readRegisters: 120,
  readBits: MAX_READ_BITS,
  writeRegisters: MAX_WRITE_REGISTERS,
  gap: 8,
  window: 1,
  mergeWrites: false,
};

/** Period of every scan class of the plant that the profile is used in. */
export type ScanClasses = ReadonlyMap<string, Ms>;

export interface ProfileSurroundings {
  /** Undefined where the profile is read by itself: every class name is then taken as known. */
  readonly classes: ScanClasses | undefined;
  /** Tags that exist but could not be read: naming one is no mistake of its own. */
  readonly unreadTags: readonly string[];
}

export interface BuiltProfile {
  readonly profile: Profile;
  /** What makes no sense in it; paths begin at the profile. */
  readonly findings: readonly Finding[];
}

/** The profile that a file means, defaults put in, with everything that is wrong with it beyond its form. */
export function buildProfile(file: ProfileFile, { classes, unreadTags }: ProfileSurroundings): BuiltProfile {
  const order = file.order ?? "ABCD";
  const files = Object.entries(file.tags);
  const tags = new Map(files.map(([name, tagFile]) => [name, buildTag(name, tagFile, order)]));
  const profile: Profile = {
    name: file.profile,
    title: file.title,
    source: file.source,
    timing: mergeDefined(DEFAULT_TIMING, file.timing),
    limits: mergeDefined(DEFAULT_LIMITS, file.limits),
    functions: new Set(file.functions?.filter((code) => FUNCTION_CODES.includes(code)) ?? DEFAULT_FUNCTIONS),
    tags,
    commands: new Map(
      Object.entries(file.commands ?? {}).map(([name, each]) => [name, buildCommand(name, each, { tags, classes })]),
    ),
    alarms: new Map(Object.entries(file.alarms ?? {}).map(([name, each]) => [name, buildAlarm(name, each, tags)])),
    heartbeat: file.heartbeat,
    bootId: file.bootId,
    mailbox: file.mailbox && buildMailbox(file.mailbox),
  };
  const names = [...new Set([...tags.keys(), ...unreadTags])];
  const ofTags = checkTags(file, profile, names, classes);
  const findings = [
    ...checkTiming(profile.timing),
    ...checkMerging(profile),
    ...ofTags,
    ...checkHeartbeat(file.heartbeat, tags, unreadTags),
    ...checkBeat(file.heartbeat, tags, ofTags),
    ...checkCovers(file.heartbeat, tags, unreadTags),
    ...checkBootId(file.bootId, tags, unreadTags),
    ...checkMailbox(profile, unreadTags),
    ...checkCommands(file, profile, { names, ofTags }),
    ...checkAlarms(file, profile, { names, ofTags }),
  ];
  return { profile, findings };
}

/** `base` with what `change` says. */
export function mergeDefined<T extends object>(
  base: T,
  change: { readonly [K in keyof T]?: T[K] | undefined } = {},
): T {
  const said = Object.entries(change).filter(([, given]) => given !== undefined);
  return { ...base, ...Object.fromEntries(said) };
}

function checkTiming({ turnaround, responseTimeout }: DeviceTiming): readonly Finding[] {
  if (responseTimeout > turnaround) return [];
  const message = "timing: responseTimeout is not longer than turnaround: usual answers would be given up";
  return [{ path: ["timing", "responseTimeout"], message }];
}

function checkMerging({ limits, functions }: Profile): readonly Finding[] {
  if (!limits.mergeWrites || functions.has(15) || functions.has(16)) return [];
  const message = `limits: mergeWrites needs function 15 (${FUNCTION_NAMES[15]}) or 16 (${FUNCTION_NAMES[16]})`;
  return [{ path: ["limits", "mergeWrites"], message, hint: "functions lists what the device understands" }];
}

function checkTags(
  file: ProfileFile,
  { tags, ...ability }: Profile,
  names: readonly string[],
  classes: ScanClasses | undefined,
): readonly Finding[] {
  const sound = new Map<string, Tag>();
  const aboutTag = (name: string, findings: readonly Finding[]): readonly Finding[] =>
    about(["tags", name], `tag ${name}`, findings);
  const alone = [...tags.values()].flatMap((tag) => {
    const tagFile = file.tags[tag.name];
    if (!tagFile) return [];
    const { misfit, found } = checkOne(tag, tagFile, ability);
    if (!misfit) sound.set(tag.name, tag);
    return aboutTag(tag.name, [...found, ...checkClass(tag, classes)]);
  });
  const expected = [...sound.values()].flatMap((tag) =>
    aboutTag(tag.name, checkExpect(tag, { tags: sound, names, classes })),
  );
  const interlocked = [...sound.values()].flatMap((tag) => {
    const requires = file.tags[tag.name]?.write?.requires ?? [];
    const judge = (operand: Operand): string | undefined =>
      operand.kind === "value" ? undefined : "there are no arguments here";
    return aboutTag(
      tag.name,
      requires.flatMap((map, index) => {
        const findings = checkConditions(map, { tags: sound, names, judge });
        return about(["write", "requires", index], "requires", findings);
      }),
    );
  });
  const overlay = new Set(Object.entries(file.tags).flatMap(([name, tag]) => (tag.overlay === true ? name : [])));
  const together = [...checkOverlap(sound.values(), overlay), ...checkGroups(sound.values(), ability.limits)];
  return [
    ...alone,
    ...expected,
    ...interlocked,
    ...together.flatMap(({ path: [name = "", ...path], ...rest }) => aboutTag(String(name), [{ path, ...rest }])),
  ];
}

function checkOne(
  tag: Tag,
  file: ProfileFile["tags"][string],
  ability: DeviceAbility,
): { readonly misfit: boolean; readonly found: readonly Finding[] } {
  const { misfit, findings } = checkTag(tag, file, ability);
  if (misfit || !tag.write || !file.write) return { misfit, found: findings };
  return { misfit, found: [...findings, ...checkWrite(tag, tag.write, file.write, ability)] };
}

/** Of a tag that is wrong by itself nothing is said here. */
function checkCommands(
  { commands: files = {} }: ProfileFile,
  { commands, tags }: Profile,
  known: {
    readonly names: readonly string[];
    readonly ofTags: readonly Finding[];
  },
): readonly Finding[] {
  const wrong = new Set(known.ofTags.map(({ path }) => path[1]));
  const sound = new Map([...tags].filter(([name]) => !wrong.has(name)));
  return [...commands.values()].flatMap((command) => {
    const file = files[command.name];
    const findings = file ? checkCommand(command, file, { ...known, tags: sound }) : [];
    return about(["commands", command.name], `command ${command.name}`, findings);
  });
}

function checkAlarms(
  { alarms = {} }: ProfileFile,
  { tags }: Profile,
  known: Parameters<typeof checkCommands>[2],
): readonly Finding[] {
  const wrong = new Set(known.ofTags.map(({ path }) => path[1]));
  const sound = new Map([...tags].filter(([name]) => !wrong.has(name)));
  return Object.entries(alarms).flatMap(([name, file]) =>
    about(["alarms", name], `alarm ${name}`, checkAlarm(file, { ...known, tags: sound })),
  );
}

function checkClass({ scanClass, maxAge }: Tag, classes: ScanClasses | undefined): readonly Finding[] {
  if (!classes || scanClass === ONCE || scanClass === ON_DEMAND) return [];
  const period = classes.get(scanClass);
  if (period === undefined) {
    const hint = didYouMean(scanClass, [...classes.keys(), ONCE, ON_DEMAND]);
    return [{ path: ["class"], message: `unknown scan class "${scanClass}"`, hint }];
  }
  if (maxAge === undefined || maxAge >= period) return [];
  const message = `maxAge is shorter than the period of its class ${scanClass} (${formatDuration(period)}): it would go stale each time`;
  return [{ path: ["maxAge"], message }];
}

function checkHeartbeat(
  heartbeat: Heartbeat | undefined,
  tags: ReadonlyMap<string, Tag>,
  unreadTags: readonly string[],
): readonly Finding[] {
  if (!heartbeat || unreadTags.includes(heartbeat.tag)) return [];
  const tag = tags.get(heartbeat.tag);
  const path = ["heartbeat", "tag"];
  if (!tag) {
    const hint = didYouMean(heartbeat.tag, [...tags.keys()]);
    return [{ path, message: `heartbeat: unknown tag "${heartbeat.tag}"`, hint }];
  }
  const findings: Finding[] = [];
  if (!tag.write)
    findings.push({ path, message: `heartbeat: tag ${tag.name} is not writable`, hint: "give it a write rule" });
  if (heartbeat.timeout <= heartbeat.every) {
    const message = "heartbeat: timeout is not longer than every: the slave would act between two heartbeats";
    findings.push({ path: ["heartbeat", "timeout"], message });
  }
  return findings;
}

/** A start is seen only in what is read in turn. */
function checkBootId(
  bootId: string | undefined,
  tags: ReadonlyMap<string, Tag>,
  unreadTags: readonly string[],
): readonly Finding[] {
  if (bootId === undefined || unreadTags.includes(bootId)) return [];
  const tag = tags.get(bootId);
  const path = ["bootId"];
  if (!tag) return [{ path, message: `bootId: unknown tag "${bootId}"`, hint: didYouMean(bootId, [...tags.keys()]) }];
  if (tag.scanClass !== ONCE && tag.scanClass !== ON_DEMAND) return [];
  const message = `bootId: tag ${bootId} is read ${tag.scanClass}: no restart would be seen in it`;
  return [{ path, message, hint: "give it a class with a period" }];
}

/** Whether the tag can beat at all; nothing is said of one that is wrong by itself. */
function checkBeat(
  heartbeat: Heartbeat | undefined,
  tags: ReadonlyMap<string, Tag>,
  ofTags: readonly Finding[],
): readonly Finding[] {
  const tag = heartbeat && tags.get(heartbeat.tag);
  if (!tag?.write || ofTags.some(({ path }) => path[1] === tag.name)) return [];
  const values = heartbeatValues(tag);
  return values.ok ? [] : [{ path: ["heartbeat", "tag"], message: `heartbeat: tag ${tag.name} ${values.failure}` }];
}

function checkCovers(
  heartbeat: Heartbeat | undefined,
  tags: ReadonlyMap<string, Tag>,
  unreadTags: readonly string[],
): readonly Finding[] {
  const outputs = [...tags.values()].filter((tag) => tag.write).map((tag) => tag.name);
  return (heartbeat?.covers ?? []).flatMap((name, index) => {
    if (outputs.includes(name) || unreadTags.includes(name)) return [];
    const path = ["heartbeat", "covers", index];
    if (tags.has(name)) return [{ path, message: `heartbeat: tag ${name} is not writable` }];
    return [{ path, message: `heartbeat: unknown tag "${name}"`, hint: didYouMean(name, outputs) }];
  });
}
