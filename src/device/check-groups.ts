import type { Finding } from "./finding.ts";
import { isBitTable } from "./location.ts";
import type { DeviceLimits } from "./profile.ts";
import { tagSpan } from "./tag-span.ts";
import type { Tag } from "./tag.ts";

/** Coherence groups that cannot come from one transaction; paths begin at the tags. */
export function checkGroups(tags: Iterable<Tag>, limits: DeviceLimits): readonly Finding[] {
  const all = [...tags];
  const groups = new Set(all.flatMap(({ group }) => group ?? []));
  return [...groups].flatMap((group) =>
    checkGroup(
      group,
      all.filter((tag) => tag.group === group),
      limits,
    ),
  );
}

function checkGroup(group: string, members: readonly Tag[], limits: DeviceLimits): readonly Finding[] {
  const [first, ...others] = members;
  if (!first) return [];
  const stranger = others.find(({ at, scanClass }) => at.table !== first.at.table || scanClass !== first.scanClass);
  if (stranger) {
    const differs = stranger.at.table === first.at.table ? "class" : "table";
    const message = `group ${group} cannot be read at once: ${stranger.name} and ${first.name} differ in ${differs}`;
    return [{ path: [stranger.name, "group"], message }];
  }
  const low = Math.min(...members.map((tag) => tag.at.address));
  const last = members.toSorted((a, b) => a.at.address + tagSpan(a) - b.at.address - tagSpan(b)).at(-1) ?? first;
  const span = last.at.address + tagSpan(last) - low;
  const most = isBitTable(first.at.table) ? limits.readBits : limits.readRegisters;
  if (span <= most) return [];
  const message = `group ${group} cannot be read at once: it spans ${span} addresses, the device reads ${most}`;
  return [{ path: [last.name, "group"], message }];
}
