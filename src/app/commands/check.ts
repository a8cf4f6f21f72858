import { formatIssues, sortIssues } from "../../config/config-issue.ts";
import { masterLoss, type OutputFate } from "../../config/master-loss.ts";
import type { Plant } from "../../config/plant.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { loadWorkablePlant } from "../plan/load-workable-plant.ts";

/** `takt check`: every mistake in a plant and its profiles; where there is none, what becomes of each output. */
export function check(file: string, options: { readonly json: boolean }, out: (text: string) => void): ExitCode {
  const loaded = loadWorkablePlant(file);
  if (!loaded.ok) {
    out(options.json ? json({ ok: false, issues: sortIssues(loaded.failure) }) : formatIssues(loaded.failure));
    return EXIT.invalid;
  }
  const outputs = masterLoss(loaded.value);
  const counts = countsOf(loaded.value);
  out(
    options.json
      ? json({ ok: true, plant: loaded.value.name, ...counts, outputs })
      : [summary(loaded.value.name, counts), "", ...lossReport(outputs)].join("\n"),
  );
  return EXIT.done;
}

function json(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}

interface Counts {
  readonly lines: number;
  readonly devices: number;
  readonly tags: number;
}

function countsOf({ lines, devices }: Plant): Counts {
  const tags = [...devices.values()].reduce((sum, device) => sum + device.tags.size, 0);
  return { lines: lines.size, devices: devices.size, tags };
}

function summary(name: string, { lines, devices, tags }: Counts): string {
  return `plant ${name} is in order: ${counted(lines, "line")}, ${counted(devices, "device")}, ${counted(tags, "tag")}.`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function lossReport(outputs: readonly OutputFate[]): readonly string[] {
  if (outputs.length === 0) return ["It has no outputs: nothing can be left running."];
  const rows = outputs.map(({ device, tag, at, onStop, onLoss }) => [`${device}.${tag}`, at, onStop, onLoss]);
  const open = outputs.filter(({ guaranteed }) => !guaranteed).length;
  return [
    ...columns([["output", "at", "on an orderly stop", "when the master dies"], ...rows]),
    "",
    open === 0
      ? `All ${counted(outputs.length, "output")} are left to the watchdogs of their slaves when the master dies.`
      : `${open} of ${counted(outputs.length, "output")} NOT guaranteed to be safe when the master dies: a dead master writes nothing.`,
  ];
}

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
