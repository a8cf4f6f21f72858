import { lineWindow } from "../config/plant/line-window.ts";
import type { LineSettings, Plant } from "../config/plant/plant.ts";
import type { Device } from "../device/profile.ts";
import type { Tag, WriteRule } from "../device/tag.ts";
import { tagCodec } from "../device/tag-codec.ts";
import { mergedSteps, writeSteps } from "../device/write-steps.ts";
import { type Ms, ms } from "../kit/time.ts";
import type { Request } from "../modbus/request.ts";
import { transactionCost } from "./transaction-cost.ts";

/** An output of a device. */
interface Output {
  readonly tag: Tag;
  readonly device: Device;
}

/**
 * What one write takes of its line at worst, with all that is fetched and read back for it; where its unit takes several
 * requests at once, with what that has to finish first. Of several outputs: written together. 0 for what cannot be written.
 */
export function writeCost(outputs: readonly Output[], line: LineSettings): Ms {
  const [first] = outputs;
  if (!first?.tag.write) return ms(0);
  const { device } = first;
  const costs = requestsOf(outputs, first.tag.write).map(
    (request) => transactionCost(request, device.timing, line).worst,
  );
  const before = Math.min(device.limits.window, lineWindow(line)) > 1 ? Math.max(...costs) : 0;
  return ms(costs.reduce((sum: number, cost) => sum + cost, before));
}

/** As the scan sends them, with zeros for values: only their lengths count here. */
function requestsOf(outputs: readonly Output[], { verify }: WriteRule): readonly Request[] {
  const readback = verify.by === "readback";
  const parts = outputs.map((entry) => {
    const codec = tagCodec(entry.tag);
    return { entry, codec, encoded: Array.from({ length: codec.size }, () => 0) };
  });
  const [only, ...others] = parts;
  if (!only) return [];
  const { entry, codec, encoded } = only;
  const steps = others.length === 0 ? writeSteps(entry, codec, encoded, readback) : mergedSteps(parts, readback);
  return steps.map(({ request }) => request({ kind: "registers", registers: encoded }));
}

/** The same on the device's line in its plant. */
export function writeCostIn({ lines }: Plant, outputs: readonly Output[]): Ms {
  const line = lines.get(outputs[0]?.device.line ?? "");
  return line ? writeCost(outputs, line) : ms(0);
}
