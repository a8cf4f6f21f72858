import { dirname, join, resolve } from "node:path";
import { type ConfigIssue, formatIssues, sortIssues } from "../../config/source/config-issue.ts";
import { isProfileFile, loadProfileFile } from "../../config/profile/load-profile.ts";
import { masterLoss, type OutputFate } from "../../config/plant/master-loss.ts";
import { classicNumberHint } from "../../device/classic-number.ts";
import type { Tag } from "../../device/tag.ts";
import { PACKAGE_DEVICES, ProfileLibrary } from "../../config/profile/profile-library.ts";
import type { Plant } from "../../config/plant/plant.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";
import { loadWorkablePlant } from "../plan/load-workable-plant.ts";
import { loadPrograms } from "../programs/load-programs.ts";

/** `takt check`: every mistake in a plant and its profiles; where there is none, what becomes of each output. A profile file is checked by itself. */
export function check(file: string, options: { readonly json: boolean }, out: (text: string) => void): ExitCode {
  if (isProfileFile(file)) return checkProfile(file, options, out);
  const loaded = loadWorkablePlant(file);
  if (!loaded.ok) return tellIssues(loaded.failure, options, out);
  const { plant } = loaded.value;
  const programs = loadPrograms(plant);
  if (!programs.ok) return tellIssues(programs.failure, options, out);
  const outputs = masterLoss(plant);
  const counts = countsOf(plant);
  const notes = plantNotes(plant, file);
  out(
    options.json
      ? json({ ok: true, plant: plant.name, ...counts, notes, outputs })
      : [summary(plant.name, counts), ...noteLines(notes), "", ...lossReport(outputs)].join("\n"),
  );
  return EXIT.done;
}

/** A profile by itself, its parameters at their defaults; which scan classes there are is for its plants to say. */
function checkProfile(file: string, options: { readonly json: boolean }, out: (text: string) => void): ExitCode {
  const loaded = loadProfileFile(file);
  if (!loaded.ok) return tellIssues(loaded.failure, options, out);
  const { name, tags } = loaded.value;
  const outputs = [...tags.values()].filter((tag) => tag.write).length;
  const notes = isOfPackage(resolve(file)) ? [] : tagNotes(name, tags.values());
  const inOrder = `profile ${name} is in order: ${counted(tags.size, "tag")}, ${counted(outputs, "output")}.`;
  out(
    options.json
      ? json({ ok: true, profile: name, tags: tags.size, outputs, notes })
      : [inOrder, ...noteLines(notes)].join("\n"),
  );
  return EXIT.done;
}

/**
 * What is legal in the profiles of a plant and yet looks like a mistake; each profile is told once. Those that come with takt
 * are held against their makers' documents.
 */
function plantNotes({ devices }: Plant, file: string): readonly string[] {
  const library = new ProfileLibrary([join(dirname(file), "devices"), PACKAGE_DEVICES]);
  const own = [...devices.values()].filter(({ profile }) => !isOfPackage(library.find(profile.name) ?? ""));
  const notes = own.flatMap(({ profile }) => tagNotes(profile.name, profile.tags.values()));
  return [...new Set(notes)];
}

function isOfPackage(profileFile: string): boolean {
  return profileFile.startsWith(PACKAGE_DEVICES);
}

/** The first few stand for all: a list taken over with classic numbers has hundreds. */
const NOTES_SHOWN = 5;

function tagNotes(profile: string, tags: Iterable<Tag>): readonly string[] {
  const notes = [...tags].flatMap(({ name, at }) => {
    const hint = classicNumberHint(at);
    return hint === undefined ? [] : [`profile ${profile}: tag ${name}: ${hint}`];
  });
  const rest = notes.length - NOTES_SHOWN;
  return rest > 0 ? [...notes.slice(0, NOTES_SHOWN), `profile ${profile}: ${rest} more tags like these`] : notes;
}

function noteLines(notes: readonly string[]): readonly string[] {
  return notes.map((note) => `note: ${note}`);
}

function tellIssues(
  issues: readonly ConfigIssue[],
  options: { readonly json: boolean },
  out: (text: string) => void,
): ExitCode {
  out(options.json ? json({ ok: false, issues: sortIssues(issues) }) : formatIssues(issues));
  return EXIT.invalid;
}

function json(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}

interface Counts {
  readonly lines: number;
  readonly devices: number;
  readonly tags: number;
  readonly programs: number;
}

function countsOf({ lines, devices, programs }: Plant): Counts {
  const tags = [...devices.values()].reduce((sum, device) => sum + device.tags.size, 0);
  return { lines: lines.size, devices: devices.size, tags, programs: programs.length };
}

function summary(name: string, { lines, devices, tags, programs }: Counts): string {
  const parts = [counted(lines, "line"), counted(devices, "device"), counted(tags, "tag")];
  if (programs > 0) parts.push(counted(programs, "program"));
  return `plant ${name} is in order: ${parts.join(", ")}.`;
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
      ? `No output is left unsafe when the master dies: ${endsOf(outputs)}.`
      : `${open} of ${counted(outputs.length, "output")} NOT guaranteed to be safe when the master dies: a dead master writes nothing.`,
  ];
}

/** What becomes of outputs that are all guaranteed: `2 by the watchdogs of their slaves, 1 held`. */
function endsOf(outputs: readonly OutputFate[]): string {
  return Object.entries(END_WORDS)
    .map(([end, words]) => ({ words, number: outputs.filter((output) => output.end === end).length }))
    .flatMap(({ words, number }) => (number > 0 ? `${number} ${words}` : []))
    .join(", ");
}

const END_WORDS: Readonly<Record<OutputFate["end"], string>> = {
  watchdog: "brought to rest by the slave's watchdog",
  heartbeat: "feeding a watchdog",
  pulse: "written only when asked for (pulse)",
  hold: "to be left as is (safe: hold)",
  open: "NOT guaranteed",
};

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
