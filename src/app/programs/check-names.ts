import type { ConfigIssue } from "../../config/source/config-issue.ts";
import type { Plant } from "../../config/plant/plant.ts";
import { didYouMean } from "../../device/did-you-mean.ts";
import { ON_DEMAND } from "../../device/tag.ts";
import type { ProgramSource } from "./compile-program.ts";
import { findNames, findPools, type NamedPool, type NamedTag } from "./find-names.ts";

/** The program that writes each output, by the output's path. */
export type Writers = Map<string, string>;

/** What a program names that its plant does not have, and outputs that another program writes already. */
export function checkNames(
  program: string,
  sources: readonly ProgramSource[],
  { plant, writers }: { readonly plant: Plant; readonly writers: Writers },
): readonly ConfigIssue[] {
  return sources.flatMap(({ file, text }) => {
    const tags = findNames(text).map((named) => ({
      named,
      wrong: mistake(named, plant) ?? claim(named, program, writers),
    }));
    const pools = findPools(text).map((named) => ({ named, wrong: poolMistake(named, plant) }));
    return [...tags, ...pools].flatMap(({ named: { line, column }, wrong }) =>
      wrong ? [{ file, line, column, ...wrong }] : [],
    );
  });
}

type Wrong = Pick<ConfigIssue, "message" | "hint">;

function mistake({ device, tag, use }: NamedTag, { devices }: Plant): Wrong | undefined {
  const { tags } = devices.get(device) ?? {};
  if (!tags) return { message: `unknown device "${device}"`, hint: didYouMean(device, [...devices.keys()]) };
  if (tag === undefined) return undefined;
  const known = tags.get(tag);
  if (!known) return { message: `unknown tag "${tag}" of ${device}`, hint: didYouMean(tag, [...tags.keys()]) };
  if (use === "write" && !known.write) return { message: `${device}.${tag} is no output: its profile has no write` };
  if (use === "read" && known.scanClass === ON_DEMAND) {
    return { message: `${device}.${tag} cannot be read: it is read on demand only (class: ${ON_DEMAND})` };
  }
  return undefined;
}

function poolMistake({ pool, job }: NamedPool, { pools, devices }: Plant): Wrong | undefined {
  const members = pools.get(pool);
  if (!members) return { message: `unknown pool "${pool}"`, hint: didYouMean(pool, [...pools.keys()]) };
  const jobs = devices.get(members[0] ?? "")?.profile.mailbox?.jobs;
  if (job === undefined || !jobs || jobs.has(job)) return undefined;
  return { message: `unknown job "${job}" of pool ${pool}`, hint: didYouMean(job, [...jobs.keys()]) };
}

/** Two programs that write one output would undo what the other does. */
function claim({ device, tag, use }: NamedTag, program: string, writers: Writers): Wrong | undefined {
  if (use !== "write" || tag === undefined) return undefined;
  const path = `${device}.${tag}`;
  const owner = writers.get(path) ?? program;
  writers.set(path, owner);
  return owner === program ? undefined : { message: `${path} is written by program ${owner} already` };
}
