import type { WallTime } from "../../kit/time.ts";
import type { ViewChange } from "./plant-view.ts";
import { valueText } from "./render-table.ts";

/** `07:44:10.123 infeed  speed 0.42 m/s  level – (bad offline)`, in UTC: one line a message, where there is no terminal. */
export function renderChange({ device, tags }: ViewChange, now: WallTime): string {
  const time = new Date(now).toISOString().slice(11, 23);
  const told = Array.from(tags, ([name, tag]) => {
    const doubt = tag.quality === "good" ? "" : ` (${tag.quality} ${tag.reason})`;
    return `${name} ${valueText(tag)}${doubt}`;
  });
  return [`${time} ${device}`, ...told].join("  ");
}
