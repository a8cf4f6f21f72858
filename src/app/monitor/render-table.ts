import { formatDuration } from "../../kit/duration.ts";
import { type Ms, ms, type WallTime } from "../../kit/time.ts";
import type { AlarmView, DeviceView, TagView } from "./plant-view.ts";

export interface TableView {
  /** What the table is of: root and broker. */
  readonly title: string;
  readonly gateway: string;
  /** Empty: not known. */
  readonly timing: string;
  /** Of no device. */
  readonly alarms: readonly AlarmView[];
  readonly devices: readonly DeviceView[];
}

export interface TableSize {
  readonly width: number;
  /** Lines at most. */
  readonly height: number;
  readonly color: boolean;
}

export type Paint = "plain" | "bold" | "dim" | "good" | "warn" | "bad";

export interface Row {
  readonly text: string;
  readonly paint: Paint;
}

/** The live table: a line per device and per tag, cut to the terminal. The last line says what did not fit. */
export function renderTable(view: TableView, now: WallTime, size: TableSize): string[] {
  const tags = view.devices.flatMap((device) => [...device.tags]);
  const name = Math.max(8, ...tags.map(([tag]) => tag.length));
  const value = Math.max(8, ...tags.map(([, tag]) => valueText(tag).length));
  const rows: Row[] = [...headRows(view), ...alarmRows(view, now)];
  for (const device of view.devices) {
    rows.push(deviceRow(device));
    for (const [tag, sample] of device.tags) rows.push(tagRow(tag, sample, now, { name, value: Math.min(value, 40) }));
  }
  return fit(rows, size.height).map(({ text, paint }) => painted(text.slice(0, size.width), paint, size.color));
}

export function headRows({ title, gateway, timing }: TableView): Row[] {
  const head: Row = { text: `${title}  ${gateway}`, paint: gateway === "online" ? "bold" : "warn" };
  return timing === "" ? [head] : [head, { text: timing, paint: "dim" }];
}

const MOST_ALARM_ROWS = 8;

/** A line per alarm that is not normal, above everything else; those that nobody has acknowledged first. */
export function alarmRows({ alarms, devices }: TableView, now: WallTime): Row[] {
  const all = [
    ...alarms.map((alarm) => ({ where: "", ...alarm })),
    ...devices.flatMap(({ name, alarms: own }) => own.map((alarm) => ({ where: `${name} `, ...alarm }))),
  ];
  const isOpen = ({ state }: AlarmView): boolean => !state.startsWith("acknowledged");
  const sorted = all.toSorted((one, other) => Number(isOpen(other)) - Number(isOpen(one)));
  const rows = sorted.slice(0, MOST_ALARM_ROWS).map((alarm): Row => {
    const { where, text, priority, state, at } = alarm;
    const age = at === undefined ? "" : `, ${formatDuration(rounded(ms(Math.max(0, now - at))))} ago`;
    return { text: `! ${where}${text}  ${priority}, ${state}${age}`, paint: isOpen(alarm) ? "bad" : "warn" };
  });
  const more = sorted.length - rows.length;
  return more === 0 ? rows : [...rows, { text: `! ${more} more alarms`, paint: "bad" }];
}

export function deviceRow({ name, status, reason }: DeviceView): Row {
  const text = reason === "" ? `${name}  ${status}` : `${name}  ${status}: ${reason}`;
  return { text, paint: status === "online" ? "bold" : status === "degraded" ? "warn" : "bad" };
}

function tagRow(name: string, tag: TagView, now: WallTime, width: { name: number; value: number }): Row {
  const quality = tag.reason === "" ? tag.quality : `${tag.quality} ${tag.reason}`;
  const text = `  ${name.padEnd(width.name)}  ${valueText(tag).padEnd(width.value)}  ${quality.padEnd(14)}  ${ageText(tag, now)}`;
  return { text: text.trimEnd(), paint: tag.quality === "good" ? "plain" : tag.quality === "stale" ? "warn" : "bad" };
}

/** `0.42 m/s` */
export function valueText({ text, unit }: TagView): string {
  return unit === "" || text === "–" ? text : `${text} ${unit}`;
}

function ageText({ at }: TagView, now: WallTime): string {
  if (at === undefined) return "";
  return `${formatDuration(rounded(ms(Math.max(0, now - at))))} old`;
}

/** To a tenth of a second, whole seconds beyond ten: what a person reads while it changes. */
function rounded(age: Ms): Ms {
  return ms(age < 10_000 ? Math.round(age / 100) * 100 : Math.round(age / 1000) * 1000);
}

/** The rows that the terminal has room for; the last one says how many are missing. */
export function fit<T>(rows: readonly T[], height: number): readonly (T | Row)[] {
  if (rows.length <= height) return rows;
  const shown = rows.slice(0, Math.max(0, height - 1));
  return [...shown, { text: `… ${rows.length - shown.length} more lines do not fit this terminal`, paint: "dim" }];
}

const CODES: Readonly<Record<Paint, string>> = { plain: "", bold: "1", dim: "2", good: "32", warn: "33", bad: "31" };

export function painted(text: string, paint: Paint, color: boolean): string {
  return color && paint !== "plain" ? `\x1b[${CODES[paint]}m${text}\x1b[0m` : text;
}
