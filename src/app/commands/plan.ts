import { loadPlant } from "../../config/load-plant.ts";
import { formatIssues } from "../../config/config-issue.ts";
import type { Plant } from "../../config/plant.ts";
import { tagTable } from "../../device/tag-table.ts";
import { formatDuration } from "../../kit/duration.ts";
import { ms } from "../../kit/time.ts";
import { lineLoad } from "../../plan/line-load.ts";
import { entriesOf, formatBlock, type ReadBlock } from "../../plan/read-block.ts";
import { type LinePlan, scanPlan } from "../../plan/scan-plan.ts";
import { blockTime, type Wire, wireOf } from "../../plan/wire.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { lineText } from "../plan/line-text.ts";
import { percent } from "../plan/overloads.ts";

/** `takt plan`: what is read when, line by line. */
export function plan(file: string, options: { readonly json: boolean }, out: (text: string) => void): ExitCode {
  const loaded = loadPlant(file);
  if (!loaded.ok) {
    out(formatIssues(loaded.failure));
    return EXIT.invalid;
  }
  const lines = [...scanPlan(loaded.value, tagTable(loaded.value.devices.values())).lines.values()];
  out(
    options.json
      ? JSON.stringify(
          lines.map((line) => asJson(line, loaded.value)),
          null,
          2,
        )
      : asText(lines, loaded.value),
  );
  return EXIT.done;
}

function asText(lines: readonly LinePlan[], plant: Plant): string {
  const tags = [...plant.devices.values()].reduce((sum, device) => sum + device.tags.size, 0);
  const head = `plant ${plant.name}   scan period ${formatDuration(plant.scan.period)}, ${plant.devices.size} devices, ${tags} tags`;
  return [head, ...lines.map((line) => linePlanText(line, plant))].join("\n\n");
}

function linePlanText(line: LinePlan, plant: Plant): string {
  const settings = plant.lines.get(line.line);
  const wire = settings && wireOf(settings);
  const rows = line.cyclic.map(({ block, period, phase }) => ({
    when: `every ${formatDuration(ms(period * plant.scan.period))}${period > 1 ? ` at ${phase}` : ""}`,
    block,
  }));
  const once = line.once.map((block) => ({ when: "once", block }));
  const onDemand = line.onDemand.map((block) => ({ when: "on demand", block }));
  const title = `line ${line.line}   ${settings ? lineText(settings) : ""}`;
  const texts = [...rows, ...once, ...onDemand].map((row) => blockText(row, wire));
  return [title, ...texts, `  ${rateText(line, plant)}`, ...wireText(line, plant)].join("\n");
}

function blockText(
  { when, block }: { readonly when: string; readonly block: ReadBlock },
  wire: Wire | undefined,
): string {
  const names = entriesOf(block).map((entry) => entry.tag.name);
  const shown = names.length > 4 ? `${names.slice(0, 4).join(", ")}, … (${names.length} tags)` : names.join(", ");
  const time = wire ? `${blockTime(block, wire).toFixed(1).padStart(7)} ms  ` : "";
  return `  ${when.padEnd(18)} ${block.device.name.padEnd(12)} ${formatBlock(block).padEnd(18)} ${time}${shown}`;
}

/** How much of a serial wire's time the cycle takes. */
function wireText(line: LinePlan, plant: Plant): readonly string[] {
  const load = lineLoad(line, plant);
  if (load === undefined) return [];
  const text = `  ${percent(load)} of the wire's time`;
  return [load <= 1 ? text : `${text}: TOO MUCH; takt check says what would help`];
}

/** Requests per second, and in the fullest cycle. */
function rateText(line: LinePlan, plant: Plant): string {
  const rate = line.cyclic.reduce((sum, { period }) => sum + 1000 / (period * plant.scan.period), 0);
  return `${Math.round(rate * 10) / 10} requests/s, at most ${fullestCycle(line)} in one cycle`;
}

function fullestCycle({ cyclic }: LinePlan): number {
  const horizon = Math.min(10_000, Math.max(1, ...cyclic.map(({ period }) => period)));
  let fullest = 0;
  for (let cycle = 0; cycle < horizon; cycle++) {
    fullest = Math.max(fullest, cyclic.filter(({ period, phase }) => cycle % period === phase).length);
  }
  return fullest;
}

function asJson(line: LinePlan, plant: Plant): unknown {
  const settings = plant.lines.get(line.line);
  const wire = settings && wireOf(settings);
  const of = (block: ReadBlock): unknown => ({
    device: block.device.name,
    unit: block.device.unit,
    table: block.table,
    address: block.address,
    quantity: block.quantity,
    class: block.scanClass,
    wireTime: wire && blockTime(block, wire),
    tags: entriesOf(block).map((entry) => entry.tag.name),
  });
  return {
    line: line.line,
    load: lineLoad(line, plant),
    cyclic: line.cyclic.map(({ block, period, phase }) => ({
      period: period * plant.scan.period,
      phase,
      block: of(block),
    })),
    once: line.once.map(of),
    onDemand: line.onDemand.map(of),
  };
}
