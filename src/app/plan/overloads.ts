import type { LineSettings, Plant } from "../../config/plant.ts";
import { wireFormat } from "../../config/wire-format.ts";
import type { Finding } from "../../device/finding.ts";
import { tagTable } from "../../device/tag-table.ts";
import { formatDuration } from "../../kit/duration.ts";
import { ms } from "../../kit/time.ts";
import { BAUD_RATES, formatSerial } from "../../modbus/serial-format.ts";
import { lineLoad } from "../../plan/line-load.ts";
import { formatBlock } from "../../plan/read-block.ts";
import { type LinePlan, scanPlan } from "../../plan/scan-plan.ts";
import { blockTime, wireOf } from "../../plan/wire.ts";

/** The lines whose wires cannot carry what is to be read in turn; paths begin at the plant. */
export function overloads(plant: Plant): readonly Finding[] {
  const plan = scanPlan(plant, tagTable(plant.devices.values()));
  return [...plan.lines.values()].flatMap((line) => {
    const settings = plant.lines.get(line.line);
    const load = lineLoad(line, plant);
    const format = settings && wireFormat(settings);
    if (!format || load === undefined || load <= 1) return [];
    const message = `line ${line.line}: its cycle takes ${percent(load)} of the wire's time at ${formatSerial(format)}`;
    return [
      { path: ["lines", line.line], message, hint: `${greatest(line, plant, settings)}; ${wayOut(line, plant)}` },
    ];
  });
}

export function percent(share: number): string {
  const value = share * 100;
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} %`;
}

/** The block that takes most of the wire's time. */
function greatest({ cyclic }: LinePlan, { scan }: Plant, settings: LineSettings): string {
  const wire = wireOf(settings);
  const shares = cyclic.map(({ block, period }) => {
    const every = ms(period * scan.period);
    return { block, every, share: wire ? blockTime(block, wire) / every : 0 };
  });
  const [most] = shares.toSorted((a, b) => b.share - a.share);
  if (!most) return "";
  const { block, every, share } = most;
  return `${percent(share)} goes to ${block.device.name} ${formatBlock(block)} every ${formatDuration(every)}`;
}

/** The slowest rate at which it would fit. */
function wayOut(line: LinePlan, plant: Plant): string {
  const rate = BAUD_RATES.find((baudRate) => (loadAt(line, plant, baudRate) ?? 1) < 1);
  if (rate === undefined) return "read it in a slower class: no baud rate makes up for that";
  return `read it in a slower class, or at ${rate} baud (${percent(loadAt(line, plant, rate) ?? 1)})`;
}

function loadAt(line: LinePlan, plant: Plant, baudRate: number): number | undefined {
  const settings = plant.lines.get(line.line);
  if (!settings) return undefined;
  const faster =
    settings.kind === "tcp"
      ? { ...settings, gateway: settings.gateway && { ...settings.gateway, baudRate } }
      : { ...settings, format: { ...settings.format, baudRate } };
  return lineLoad(line, { ...plant, lines: new Map([[line.line, faster]]) });
}
