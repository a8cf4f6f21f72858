import { invariant } from "../kit/invariant.ts";
import { err, ok, type Result } from "../kit/result.ts";
import { mailTags } from "./mailbox.ts";
import type { Device, Profile } from "./profile.ts";
import { tagCodec } from "./tag-codec.ts";
import { tagSpan } from "./tag-span.ts";
import type { TagEntry } from "./tag-table.ts";
import { ON_DEMAND, type Tag } from "./tag.ts";

/** One mail. */
export interface Mail {
  readonly sequence: number;
  readonly epoch: number;
  readonly command: string;
  readonly parameters: readonly number[];
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
    readWrite: false,
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
