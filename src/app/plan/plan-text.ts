import type { Plant } from "../../config/plant/plant.ts";
import { formatDuration } from "../../kit/duration.ts";
import { ms, type Ms } from "../../kit/time.ts";
import { harmonicPeriods } from "../../plan/harmonic-periods.ts";
import type { PlantProof, ProvedLine } from "../../plan/plant-proof.ts";
import { entriesOf, formatBlock, type ReadBlock } from "../../plan/read-block.ts";
import { type FrameRow, frameNames, frameRows, worthShowing } from "./frame-rows.ts";
import { lineText } from "./line-text.ts";
import { hintText, proofSentences, shareText } from "./proof-text.ts";

/** Characters of a drawn frame. */
const WIDTH = 72;

/** Different frames drawn of one line. */
const MOST_ROWS = 10;

/** Devices drawn each by itself. */
const MOST_SEGMENTS = 10;

/** The tables of a plant as timelines, with what is proved of them; with `blocks` every read besides. */
export function planText(plant: Plant, proof: PlantProof, { blocks }: { readonly blocks: boolean }): string {
  const tags = [...plant.devices.values()].reduce((sum, device) => sum + device.tags.size, 0);
  const head = `plant ${plant.name}   scan period ${formatDuration(plant.scan.period)}, ${plant.devices.size} devices, ${tags} tags`;
  const lines = proof.lines.map((line) => lineBlock(line, proof.period, blocks));
  return [head, ...lines, verdict(proof)].join("\n\n");
}

function verdict({ plant, period, lines, holds }: PlantProof): string {
  if (holds) return `plant ${plant} holds its cycle of ${formatDuration(period)}.`;
  const broken = lines.flatMap(({ plan, proof }) => (proof.holds ? [] : [plan.line]));
  return `plant ${plant} does NOT hold: ${broken.join(", ")}.`;
}

function lineBlock(line: ProvedLine, period: Ms, blocks: boolean): string {
  const { plan, proof, settings } = line;
  const title = `line ${plan.line}   ${lineText(settings)}, frame ${formatDuration(proof.frame)}`;
  const hints = harmonicPeriods(plan.cyclic.map((block) => block.period)).map(
    (hint) => `  ${hintText(ms(hint.period * period), ms(hint.harmonic * period))}`,
  );
  return [
    title,
    ...timeline(line),
    ...proofSentences(line).map((sentence) => `  ${sentence}`),
    ...hints,
    ...(blocks ? blockList(line, period) : []),
  ].join("\n");
}

function timeline(line: ProvedLine): readonly string[] {
  if (line.plan.cyclic.length === 0) return ["  nothing is read in turn"];
  const { shown, hidden } = worthShowing(drawnAlike(frameRows(line), line), MOST_ROWS);
  const names = shown.map(({ frames }) => frameNames(frames));
  const width = Math.max(...names.map((name) => name.length));
  const drawn = shown.map((row, index) => `  frame ${(names[index] ?? "").padEnd(width)}  ${bar(row, line)}`);
  return hidden > 0 ? [...drawn, `  … and ${hidden} frames more, none fuller`] : drawn;
}

/** Rows that look the same at this scale become one. */
function drawnAlike(rows: readonly FrameRow[], line: ProvedLine): readonly FrameRow[] {
  const alike = new Map<string, FrameRow>();
  for (const row of rows) {
    const drawn = bar(row, line);
    const known = alike.get(drawn);
    const frames = known ? [...known.frames, ...row.frames].sort((a, b) => a - b) : row.frames;
    alike.set(drawn, { ...(known ?? row), frames });
  }
  return [...alike.values()];
}

/** `|meter ███████|drive ████|writes ····|        58.1 of 100 ms` */
function bar({ segments, load }: FrameRow, { plan, proof }: ProvedLine): string {
  const scale = WIDTH / Math.max(proof.frame, proof.fullest.time);
  const parts =
    segments.length > MOST_SEGMENTS
      ? [cell(`${segments.length} devices`, load.healthy * scale, "█")]
      : segments.map(({ device, time }) => cell(device, time * scale, "█"));
  const writes = plan.writes.window > 0 ? [cell("writes", plan.writes.window * scale, "·")] : [];
  const all = [...parts, ...writes];
  const text = all.length > 0 ? `|${all.join("|")}|` : "|";
  const time = ms(load.healthy + plan.writes.window);
  return `${text.padEnd(WIDTH + 12)} ${shareText(time, proof.frame)}`;
}

function cell(label: string, width: number, fill: string): string {
  const size = Math.max(1, Math.round(width) - 1);
  if (size > label.length + 1) return `${label} ${fill.repeat(size - label.length - 1)}`;
  return size >= 3 ? label.slice(0, size).padEnd(size, fill) : fill.repeat(size);
}

function blockList({ plan }: ProvedLine, period: Ms): readonly string[] {
  const turns = plan.cyclic.map(({ block, every, phases, period: cycles, cost }) => {
    const frames = phases.map((phase) => phase / plan.frame).join(", ");
    const when = `every ${formatDuration(ms(cycles * period))}`;
    return row(every > plan.frame ? `${when} at ${frames}` : when, block, `${cost.worst.toFixed(1).padStart(7)} ms  `);
  });
  const once = plan.once.map((block) => row("once", block, ""));
  return [...turns, ...once, ...plan.onDemand.map((block) => row("on demand", block, ""))];
}

function row(when: string, block: ReadBlock, time: string): string {
  const names = entriesOf(block).map((entry) => entry.tag.name);
  const shown = names.length > 4 ? `${names.slice(0, 4).join(", ")}, … (${names.length} tags)` : names.join(", ");
  return `  ${when.padEnd(18)} ${block.device.name.padEnd(12)} ${formatBlock(block).padEnd(18)} ${time}${shown}`;
}
