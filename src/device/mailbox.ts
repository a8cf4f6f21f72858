import { invariant } from "../kit/invariant.ts";
import { err, ok, type Result } from "../kit/result.ts";
import type { Ms } from "../kit/time.ts";
import type { Device, Profile } from "./profile.ts";
import { tagCodec } from "./tag-codec.ts";
import { tagSpan } from "./tag-span.ts";
import type { TagEntry } from "./tag-table.ts";
import { ON_DEMAND, type Tag } from "./tag.ts";

/** Where a device takes jobs and tells what became of them, by the names of its tags (docs/job-mailbox.md). */
export interface Mailbox {
  /** Written with one FC 16, from `sequence` to `sequenceEnd`. */
  readonly mail: {
    readonly sequence: string;
    readonly epoch: string;
    readonly command: string;
    /** Undefined where no job has parameters. */
    readonly parameters: string | undefined;
    readonly sequenceEnd: string;
  };
  /** Read with one request, together with the profile's `bootId`. */
  readonly status: {
    readonly epoch: string;
    readonly accepted: string;
    readonly done: string;
    readonly result: string;
    readonly rejected: string;
    readonly rejectReason: string;
  };
  /** A job would be accepted now. */
  readonly ready: string;
  /** A job is being carried out; undefined: an accepted job is running. */
  readonly running: string | undefined;
  /** The command that is accepted and does nothing. */
  readonly void: string;
  /** The results that mean that a job was done; all others mean that it failed. */
  readonly succeeded: readonly string[];
  /** Within what time a mail that has arrived is judged. */
  readonly acceptWithin: Ms;
  /** By name, which is the name of the command too. */
  readonly jobs: ReadonlyMap<string, JobType>;
}

/** A kind of work. */
export interface JobType {
  /** Names of the parameters in the order of the registers. */
  readonly parameters: readonly string[];
  /** Doing it twice does no harm: when its device fails, another one may have it. */
  readonly redirectable: boolean;
  /** A job that is accepted and takes longer than this has gone astray. */
  readonly within: Ms;
}

/** One mail. */
export interface Mail {
  readonly sequence: number;
  readonly epoch: number;
  readonly command: string;
  readonly parameters: readonly number[];
}

/** The tags of a mail, in the order of their registers. */
export function mailTags({ mail }: Mailbox): readonly string[] {
  const { sequence, epoch, command, parameters, sequenceEnd } = mail;
  return [sequence, epoch, command, ...(parameters === undefined ? [] : [parameters]), sequenceEnd];
}

/** The mailbox of a device as one writable array of registers: what the output gate lets through whole or not at all. */
export function mailboxEntry(device: Device): TagEntry {
  const { mailbox, tags } = device.profile;
  const members = mailbox ? mailTags(mailbox).flatMap((name) => tags.get(name) ?? []) : [];
  const [first] = members;
  invariant(first !== undefined, `${device.name} has no mailbox`);
  const count = members.reduce((sum, tag) => sum + tagSpan(tag), 0);
  const at = { ...first.at, address: Math.min(...members.map((tag) => tag.at.address)) };
  const write = {
    range: undefined,
    ramp: undefined,
    maxChange: undefined,
    requires: [],
    role: "operator",
    safe: undefined,
    refresh: undefined,
    onReturn: "hold",
  } as const;
  const tag: Tag = {
    ...first,
    name: "mailbox",
    title: undefined,
    at,
    type: "uint16",
    count,
    scanClass: ON_DEMAND,
    group: undefined,
    write: { ...write, kind: "pulse", verify: { by: "echo" } },
  };
  return { index: -1, device, tag };
}

/** The registers of a mail, or why it has none: a parameter that its registers cannot hold. */
export function encodeMail(
  { mailbox, tags }: Pick<Profile, "mailbox" | "tags">,
  mail: Mail,
): Result<readonly number[], string> {
  invariant(mailbox !== undefined, "a device without a mailbox takes no mail");
  const { mail: names } = mailbox;
  const values = new Map<string, number | string | readonly number[]>([
    [names.sequence, mail.sequence],
    [names.epoch, mail.epoch],
    [names.command, mail.command],
    [names.sequenceEnd, mail.sequence],
  ]);
  const parameters = names.parameters === undefined ? undefined : tags.get(names.parameters);
  if (parameters) values.set(parameters.name, padded(mail.parameters, parameters.count ?? 1));
  const members = mailTags(mailbox).flatMap((name) => tags.get(name) ?? []);
  const registers: number[] = [];
  for (const tag of members.toSorted((a, b) => a.at.address - b.at.address)) {
    const encoded = tagCodec(tag).encode(values.get(tag.name) ?? 0);
    if (!encoded.ok) return err(`${tag.name} ${encoded.failure}`);
    registers.push(...encoded.value.map(Number));
  }
  return ok(registers);
}

/** Registers that a job does not use are 0. */
function padded(given: readonly number[], count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => given[index] ?? 0);
}
