import { bitMask } from "../modbus/register-codec.ts";
import type { Finding } from "./finding.ts";
import { formatLocation } from "./location.ts";
import { tagSpan } from "./tag-span.ts";
import type { Tag } from "./tag.ts";

/**
 * Tags that lie over each other in a way that is no use to anyone: two registers' worth cut apart, two outputs on the
 * same bits, or the same thing twice. Paths begin at the tags; `overlay` names those that may.
 */
export function checkOverlap(tags: Iterable<Tag>, overlay: ReadonlySet<string>): readonly Finding[] {
  const sorted = [...tags]
    .filter((tag) => !overlay.has(tag.name))
    .toSorted((a, b) => a.at.table.localeCompare(b.at.table) || a.at.address - b.at.address);
  return sorted.flatMap((tag, index) => {
    const findings: Finding[] = [];
    const end = tag.at.address + tagSpan(tag);
    for (const other of sorted.slice(index + 1)) {
      if (other.at.table !== tag.at.table || other.at.address >= end) break;
      const quarrel = quarrelOf(tag, other);
      if (quarrel !== undefined) findings.push({ path: [other.name, "at"], message: quarrel, hint: OVERLAY_HINT });
    }
    return findings;
  });
}

const OVERLAY_HINT = "mend the address, or add overlay: true where it is meant";

function quarrelOf(tag: Tag, other: Tag): string | undefined {
  const there = `tag ${tag.name} (${formatLocation(tag.at)})`;
  const here = formatLocation(other.at);
  if (maskOf(tag) !== undefined && maskOf(other) !== undefined) {
    if (((maskOf(tag) ?? 0) & (maskOf(other) ?? 0)) === 0) return undefined;
  }
  if (tag.write && other.write) return `${here} would write what ${there} writes`;
  if (sameRegisters(tag, other)) {
    return sameMeaning(tag, other) ? `${here} is the same as ${there}` : undefined;
  }
  return tagSpan(tag) === 1 && tagSpan(other) === 1 ? undefined : `${here} cuts into ${there}`;
}

/** The bits of its register that a tag takes; undefined where it takes more than one register, or a coil. */
function maskOf({ at: { bits } }: Tag): number | undefined {
  return bits && bitMask(bits.low, bits.high);
}

function sameRegisters(tag: Tag, other: Tag): boolean {
  return tag.at.address === other.at.address && tagSpan(tag) === tagSpan(other);
}

function sameMeaning(tag: Tag, other: Tag): boolean {
  return formatLocation(tag.at) === formatLocation(other.at) && tag.type === other.type;
}
