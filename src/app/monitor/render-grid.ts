import type { WallTime } from "../../kit/time.ts";
import type { DeviceView, TagView } from "./plant-view.ts";
import {
  alarmRows,
  deviceRow,
  fit,
  headRows,
  painted,
  type Row,
  type TableSize,
  type TableView,
  valueText,
} from "./render-table.ts";

/** Name and value of a tag side by side with the next. */
const CELL_WIDTH = 38;

/**
 * A plant that is too large for a line per tag: several tags a line, every device with its share of the terminal. Where not
 * all fit, what is not good comes first, then what changed last; what is shown keeps its order.
 */
export function renderGrid(view: TableView, now: WallTime, size: TableSize): string[] {
  const columns = Math.max(1, Math.floor(size.width / CELL_WIDTH));
  const head = [...headRows(view), ...alarmRows(view, now)];
  const free = size.height - head.length - view.devices.length;
  const share = Math.max(1, Math.floor(free / Math.max(1, view.devices.length)));
  const rows = view.devices.flatMap((device) => deviceRows(device, columns, share, size.color));
  return fit([...head, ...rows], size.height).map(({ text, paint }) =>
    paint === "cells" ? text : painted(text.slice(0, size.width), paint, size.color),
  );
}

/** Cells carry their own colours. */
type GridRow = Row | { readonly text: string; readonly paint: "cells" };

function deviceRows(device: DeviceView, columns: number, share: number, color: boolean): readonly GridRow[] {
  const shown = liveliest(device, columns * share);
  const more = shown.length < device.tags.size ? `   (${shown.length} of ${device.tags.size} tags)` : "";
  const head = deviceRow(device);
  const rows: GridRow[] = [{ ...head, text: `${head.text}${more}` }];
  for (let at = 0; at < shown.length; at += columns) {
    const cells = shown.slice(at, at + columns).map(([name, tag]) => cell(name, tag, color));
    rows.push({ text: cells.join("").trimEnd(), paint: "cells" });
  }
  return rows;
}

function liveliest({ tags }: DeviceView, most: number): readonly (readonly [string, TagView])[] {
  const all = [...tags];
  if (all.length <= most) return all;
  const ranked = [...all].sort(([, one], [, other]) => doubt(other) - doubt(one) || other.changedAt - one.changedAt);
  const chosen = new Set(ranked.slice(0, most));
  return all.filter((entry) => chosen.has(entry));
}

function doubt({ quality }: TagView): number {
  return quality === "good" ? 0 : 1;
}

function cell(name: string, tag: TagView, color: boolean): string {
  const value = tag.quality === "good" ? valueText(tag) : `${valueText(tag)} ${tag.quality}`;
  const text = `  ${name} ${value}`.slice(0, CELL_WIDTH - 1).padEnd(CELL_WIDTH);
  return painted(text, tag.quality === "good" ? "plain" : tag.quality === "stale" ? "warn" : "bad", color);
}
