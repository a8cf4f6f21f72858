import type { Plant } from "../../config/plant/plant.ts";
import { formatDuration } from "../../kit/duration.ts";
import { ms, type Ms } from "../../kit/time.ts";
import type { PlantProof, ProvedLine } from "../../plan/plant-proof.ts";
import { entriesOf, formatBlock } from "../../plan/read-block.ts";
import { type FrameRow, frameNames, frameRows, type Segment, worthShowing } from "./frame-rows.ts";
import { lineText } from "./line-text.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { percent, proofSentences, shareText, spanText } from "./proof-text.ts";

/** Different frames drawn of one line. */
const MOST_ROWS = 60;

/** The tables of a plant and their proofs as one page that needs nothing from anywhere else. */
export function planPage(plant: Plant, proof: PlantProof, problems: readonly string[]): string {
  const hues = new Map([...plant.devices.keys()].map((device, index) => [device, hueOf(index)]));
  const tags = [...plant.devices.values()].reduce((sum, device) => sum + device.tags.size, 0);
  const facts = `scan period ${formatDuration(proof.period)}, ${plant.devices.size} devices, ${tags} tags`;
  return [
    `<!doctype html>`,
    `<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">`,
    `<title>${escape(plant.name)}: bus schedule</title><style>${PAGE_STYLE}</style></head><body>`,
    `<header><h1>${escape(plant.name)}</h1><p>${facts}</p>${verdict(proof)}</header>`,
    problems.length > 0 ? `<pre class="problems">${escape(problems.join("\n"))}</pre>` : "",
    summaryTable(proof),
    ...proof.lines.map((line) => lineSection(line, { period: proof.period, hues })),
    `<footer>Times are worst cases. How the proof works and what it assumes: docs/schedule.md of takt.</footer>`,
    `</body></html>`,
    ``,
  ].join("\n");
}

interface PageWords {
  readonly period: Ms;
  readonly hues: ReadonlyMap<string, number>;
}

/** Neighbours in the list get colours far apart (the golden angle). */
function hueOf(index: number): number {
  return Math.round((index * 137.508 + 210) % 360);
}

function verdict({ holds, period, lines }: PlantProof): string {
  const broken = lines.flatMap(({ plan, proof }) => (proof.holds ? [] : [plan.line]));
  return holds
    ? `<p class="badge good">holds its cycle of ${formatDuration(period)}</p>`
    : `<p class="badge bad">does not hold: ${escape(broken.join(", "))}</p>`;
}

const COLUMNS = ["line", "", "frame", "fullest", "head room", "load", "oldest value", "command", "return seen"];

function summaryTable({ lines }: PlantProof): string {
  const rows = lines.map(({ plan, proof }) => {
    const oldest = proof.ages.reduce((most: number, age) => Math.max(most, age), 0);
    const cells = [
      `<a href="#line-${escape(plan.line)}">${escape(plan.line)}</a>`,
      proof.holds ? proof.basis : `<strong class="bad">does not hold</strong>`,
      formatDuration(proof.frame),
      shareText(proof.fullest.time, proof.frame),
      percent(proof.headRoom),
      percent(proof.load),
      oldest > 0 ? spanText(ms(oldest)) : "–",
      proof.command === undefined ? "–" : spanText(proof.command),
      proof.returnSeen === undefined ? "–" : spanText(proof.returnSeen),
    ];
    return tableRow("td", cells);
  });
  return `<div class="scroll"><table class="summary"><thead>${tableRow("th", COLUMNS)}</thead><tbody>${rows.join("")}</tbody></table></div>`;
}

function tableRow(tag: "th" | "td", cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
}

function lineSection(line: ProvedLine, words: PageWords): string {
  const { plan, proof, settings } = line;
  const head = `<h2>${escape(plan.line)} <small>${escape(lineText(settings))}</small></h2>`;
  const sentences = proofSentences(line).map((sentence) => `<li>${escape(sentence)}</li>`);
  return [
    `<section id="line-${escape(plan.line)}" class="${proof.holds ? "" : "broken"}">${head}`,
    sentences.length > 0 ? `<ul>${sentences.join("")}</ul>` : "",
    plan.cyclic.length > 0 ? timeline(line, words) : `<p>nothing is read in turn</p>`,
    blockTable(line, words),
    `</section>`,
  ].join("\n");
}

function timeline(line: ProvedLine, words: PageWords): string {
  const { shown, hidden } = worthShowing(frameRows(line), MOST_ROWS);
  const rows = shown.map((row) => frameLine(row, line, words));
  const rest = hidden > 0 ? `<p class="rest">… and ${hidden} frames more, none fuller</p>` : "";
  return `${legend(line, words)}<div class="frames">${scaleLine(line)}${rows.join("\n")}</div>${rest}`;
}

function legend({ plan }: ProvedLine, { hues }: PageWords): string {
  const devices = [...new Set(plan.cyclic.map(({ block }) => block.device.name))];
  const names = devices.map((name) => `<span style="--hue:${hues.get(name) ?? 0}"><i></i>${escape(name)}</span>`);
  const writes = plan.writes.window > 0 ? [`<span class="writes"><i></i>room for writes</span>`] : [];
  const probe = plan.probes?.slots ? [`<span class="probe"><i></i>probe slot</span>`] : [];
  return `<p class="legend">${[...names, ...writes, ...probe].join(" ")}</p>`;
}

/** Everything is drawn to the scale of the frame, or of the fullest one where that is longer. */
function scaleOf({ proof }: ProvedLine): number {
  return 100 / Math.max(proof.frame, proof.fullest.time);
}

function scaleLine(line: ProvedLine): string {
  const end = line.proof.frame * scaleOf(line);
  const marks = [0, 0.25, 0.5, 0.75, 1].map(
    (share) => `<span style="left:${cut(end * share)}%">${spanText(ms(line.proof.frame * share))}</span>`,
  );
  return `<div class="row scale"><b>frame</b><div class="bar">${marks.join("")}</div><em></em></div>`;
}

function frameLine(row: FrameRow, line: ProvedLine, { hues }: PageWords): string {
  const { plan, proof } = line;
  const scale = scaleOf(line);
  const time = ms(row.load.healthy + plan.writes.window);
  const segments = row.segments.map((segment) => {
    const hue = hues.get(segment.device) ?? 0;
    const title = escape(segmentTitle(segment, line));
    return `<span style="width:${cut(segment.time * scale)}%;--hue:${hue}" title="${title}">${escape(segment.device)}</span>`;
  });
  const writes = `<span class="writes" style="width:${cut(plan.writes.window * scale)}%" title="room for writes: ${spanText(plan.writes.window)}"></span>`;
  const end = `<hr style="left:${cut(proof.frame * scale)}%">`;
  const probe = probes(row, line) ? `<i class="slot" title="probe slot"></i>` : "";
  const over = time > proof.frame ? ` class="bad"` : "";
  return `<div class="row"><b title="${row.frames.length} frames">${frameNames(row.frames)}${probe}</b><div class="bar">${segments.join("")}${plan.writes.window > 0 ? writes : ""}${end}</div><em${over}>${shareText(time, proof.frame)}</em></div>`;
}

function probes({ frames }: FrameRow, { plan }: ProvedLine): boolean {
  const slots = plan.probes?.slots;
  return slots !== undefined && frames.some((frame) => frame % slots.every === slots.frame);
}

function segmentTitle({ device, time, blocks }: Segment, { plan }: ProvedLine): string {
  const parts = blocks.flatMap((index) => {
    const block = plan.cyclic[index];
    return block ? [`${formatBlock(block.block)}: ${spanText(block.cost.worst)}`] : [];
  });
  return `${device}, ${spanText(ms(time))}\n${parts.join("\n")}`;
}

const BLOCK_COLUMNS = [
  "device",
  "reads",
  "every",
  "in frames",
  "at worst",
  "typically",
  "unanswered",
  "oldest",
  "tags",
];

function blockTable({ plan, proof }: ProvedLine, { period, hues }: PageWords): string {
  if (plan.cyclic.length === 0) return "";
  const rows = plan.cyclic.map(({ block, phases, every, period: cycles, cost, silence }, index) => {
    const names = entriesOf(block).map((entry) => entry.tag.name);
    const frames = phases.map((phase) => phase / plan.frame);
    const cells = [
      `<i style="--hue:${hues.get(block.device.name) ?? 0}"></i>${escape(block.device.name)}`,
      formatBlock(block),
      formatDuration(ms(cycles * period)),
      every === plan.frame ? "all" : `${frameNames(frames)} of ${every / plan.frame}`,
      spanText(cost.worst),
      spanText(cost.typical),
      spanText(silence),
      spanText(proof.ages[index] ?? ms(0)),
      `<span title="${escape(names.join(", "))}">${escape(names.slice(0, 6).join(", "))}${names.length > 6 ? `, … (${names.length})` : ""}</span>`,
    ];
    return tableRow("td", cells);
  });
  const head = `<thead>${tableRow("th", BLOCK_COLUMNS)}</thead>`;
  return `<details><summary>${plan.cyclic.length} reads</summary><div class="scroll"><table>${head}<tbody>${rows.join("")}</tbody></table></div></details>`;
}

function cut(value: number): string {
  return value.toFixed(3);
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
