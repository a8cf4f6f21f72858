import type { WallTime } from "../../kit/time.ts";
import type { StatusChange, TagView, ViewChange } from "./plant-view.ts";
import { valueText } from "./render-table.ts";

/** More tags than this that say the same of themselves are only counted. */
const MOST_ALIKE = 3;

/**
 * `07:44:10.123 picker1  offline: no answer within 200 ms`, or
 * `07:44:10.123 infeed  speed 0.42 m/s  level – (bad offline)`, in UTC: one line a message, where there is no terminal.
 */
export function renderChange(change: ViewChange | StatusChange, now: WallTime): string {
  const time = new Date(now).toISOString().slice(11, 23);
  return "status" in change
    ? `${time} ${statusText(change)}`
    : [`${time} ${change.device}`, ...tagTexts(change)].join("  ");
}

function statusText({ of, status, reason }: StatusChange): string {
  return `${of}  ${status}${reason === "" ? "" : `: ${reason}`}`;
}

function tagTexts({ tags }: ViewChange): readonly string[] {
  const lost = new Map<string, string[]>();
  const told: string[] = [];
  for (const [name, tag] of tags) {
    if (tag.quality === "bad") push(lost, doubtful(tag), name);
    else told.push(`${name} ${doubtful(tag)}`);
  }
  for (const [text, names] of lost) {
    told.push(
      ...(names.length > MOST_ALIKE ? [`${names.length} tags ${text}`] : names.map((name) => `${name} ${text}`)),
    );
  }
  return told;
}

function doubtful(tag: TagView): string {
  return tag.quality === "good" ? valueText(tag) : `${valueText(tag)} (${tag.quality} ${tag.reason})`;
}

function push(groups: Map<string, string[]>, key: string, name: string): void {
  const group = groups.get(key);
  if (group) group.push(name);
  else groups.set(key, [name]);
}
