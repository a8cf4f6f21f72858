import { didYouMean } from "./did-you-mean.ts";
import type { Finding } from "./finding.ts";
import { type Mailbox, mailTags } from "./mailbox.ts";
import type { Profile } from "./profile.ts";
import { tagSpan } from "./tag-span.ts";
import { ON_DEMAND, ONCE, type Tag } from "./tag.ts";

/** What the contract calls the reasons of a rejection (docs/job-mailbox.md). */
export const REJECT_REASONS = [
  "none",
  "staleEpoch",
  "staleSequence",
  "busy",
  "notReady",
  "unknownCommand",
  "badParameter",
];

/** What is wrong with a mailbox whose tags are sound; paths begin at the profile. */
export function checkMailbox(profile: Profile, unreadTags: readonly string[]): readonly Finding[] {
  const { mailbox, tags } = profile;
  if (!mailbox) return [];
  const { mail, status, ready, running } = mailbox;
  const named: readonly (readonly [path: readonly string[], tag: string])[] = [
    ...Object.entries(mail).flatMap(([key, tag]) => (tag === undefined ? [] : [[["mail", key], tag] as const])),
    ...Object.entries(status).map(([key, tag]) => [["status", key], tag] as const),
    [["ready"], ready],
    ...(running === undefined ? [] : [[["running"], running] as const]),
  ];
  const unknown = named.flatMap(([path, tag]) =>
    tags.has(tag) || unreadTags.includes(tag)
      ? []
      : [{ path, message: `unknown tag "${tag}"`, hint: didYouMean(tag, [...tags.keys()]) }],
  );
  const legible = named.every(([, tag]) => tags.has(tag));
  const found = legible ? [...checkMail(mailbox, profile), ...checkStatus(mailbox, profile)] : unknown;
  return found.map(({ path, message, ...rest }) => ({
    path: ["mailbox", ...path],
    message: `mailbox: ${message}`,
    ...rest,
  }));
}

function checkMail(mailbox: Mailbox, { tags, functions, limits }: Profile): readonly Finding[] {
  const members = mailTags(mailbox).flatMap((name) => tags.get(name) ?? []);
  const findings: Finding[] = [];
  if (!functions.has(16))
    findings.push({ path: ["mail"], message: "a mail needs function 16, which functions does not list" });
  for (const tag of members) {
    if (tag.at.table !== "holding" || tag.at.bits || tag.write?.kind !== "pulse")
      findings.push({ path: ["mail"], message: `${tag.name} is no whole holding register that is written as a pulse` });
  }
  const inOrder = members.toSorted((a, b) => a.at.address - b.at.address);
  const gap = inOrder.find((tag, at) => at > 0 && tag.at.address !== endOf(inOrder[at - 1]));
  if (gap)
    findings.push({
      path: ["mail"],
      message: `${gap.name} does not follow the tag before it: one write could not reach both`,
    });
  const { mail } = mailbox;
  if (inOrder[0]?.name !== mail.sequence || inOrder.at(-1)?.name !== mail.sequenceEnd)
    findings.push({
      path: ["mail"],
      message: "sequence has to come first and sequenceEnd last: they show a torn write",
    });
  const span = members.reduce((sum, tag) => sum + tagSpan(tag), 0);
  if (span > limits.writeRegisters)
    findings.push({
      path: ["mail"],
      message: `takes ${span} registers, the device lets ${limits.writeRegisters} be written at once`,
    });
  for (const key of ["sequence", "epoch", "sequenceEnd"] as const)
    if (!isCounter(tags.get(mail[key])))
      findings.push({ path: ["mail", key], message: `${mail[key]} has to be a plain uint16` });
  return [...findings, ...checkJobs(mailbox, tags)];
}

function checkJobs({ mail, jobs, void: nothing }: Mailbox, tags: Profile["tags"]): readonly Finding[] {
  const commands = [...(tags.get(mail.command)?.values?.values() ?? [])];
  if (commands.length === 0) return [{ path: ["mail", "command"], message: `${mail.command} has to be an enum` }];
  const findings: Finding[] = [];
  if (!commands.includes(nothing))
    findings.push({ path: ["void"], message: `${mail.command} has no value "${nothing}"` });
  if (jobs.size === 0) findings.push({ path: ["jobs"], message: "jobs: at least one is needed" });
  const parameters = mail.parameters === undefined ? undefined : tags.get(mail.parameters);
  const room = parameters?.count ?? (parameters ? 1 : 0);
  for (const [job, { parameters: names }] of jobs) {
    if (!commands.includes(job)) {
      const hint = didYouMean(job, commands);
      findings.push({ path: ["jobs", job], message: `${mail.command} has no value "${job}"`, hint, atKey: true });
    }
    if (names.length > room)
      findings.push({
        path: ["jobs", job, "parameters"],
        message: `job ${job} has ${names.length} parameters, a mail holds ${room}`,
      });
    if (new Set(names).size < names.length)
      findings.push({ path: ["jobs", job, "parameters"], message: `job ${job} names a parameter twice` });
  }
  return findings;
}

function checkStatus(mailbox: Mailbox, { tags, bootId }: Profile): readonly Finding[] {
  const { status, ready, running, succeeded } = mailbox;
  if (bootId === undefined)
    return [{ path: [], message: "a restart has to be seen", hint: "add bootId: <tag> to the profile" }];
  const together = [bootId, ...Object.values(status)].flatMap((name) => tags.get(name) ?? []);
  const findings: Finding[] = [];
  const group = tags.get(bootId)?.group;
  const stranger = together.find((tag) => tag.group === undefined || tag.group !== group);
  if (stranger)
    findings.push({
      path: ["status"],
      message: `${stranger.name} and ${bootId} are not of one group: they may not belong together`,
    });
  for (const name of [status.accepted, ready, ...(running === undefined ? [] : [running])]) {
    const scanClass = tags.get(name)?.scanClass;
    if (scanClass === ONCE || scanClass === ON_DEMAND)
      findings.push({
        path: ["status"],
        message: `${name} is read ${scanClass}`,
        hint: "give it a class with a period",
      });
  }
  for (const key of ["epoch", "accepted", "done", "rejected"] as const)
    if (!isCounter(tags.get(status[key])))
      findings.push({ path: ["status", key], message: `${status[key]} has to be a plain uint16` });
  for (const [key, name] of [
    ["ready", ready],
    ["running", running],
  ] as const)
    if (name !== undefined && tags.get(name)?.type !== "bool")
      findings.push({ path: [key], message: `${name} is no bool` });
  const results = [...(tags.get(status.result)?.values?.values() ?? [])];
  for (const result of succeeded) {
    if (results.includes(result)) continue;
    findings.push({
      path: ["succeeded"],
      message: `${status.result} has no value "${result}"`,
      hint: didYouMean(result, results),
    });
  }
  const reasons = [...(tags.get(status.rejectReason)?.values?.values() ?? [])];
  const foreign = reasons.find((reason) => !REJECT_REASONS.includes(reason));
  if (reasons.length === 0 || foreign !== undefined) {
    const message = `${status.rejectReason} has to be an enum of ${REJECT_REASONS.join(", ")}`;
    findings.push({ path: ["status", "rejectReason"], message });
  }
  return findings;
}

function endOf(tag: Tag | undefined): number {
  return tag ? tag.at.address + tagSpan(tag) : 0;
}

function isCounter(tag: Tag | undefined): boolean {
  return tag?.type === "uint16" && tag.scale === 1 && tag.offset === 0 && tag.count === undefined;
}
