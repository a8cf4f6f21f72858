import { lineWindow } from "../config/line-window.ts";
import type { LineSettings, Plant } from "../config/plant.ts";
import type { Device } from "../device/profile.ts";
import type { Tag } from "../device/tag.ts";
import { tagCodec } from "../device/tag-codec.ts";
import { writeSteps } from "../device/write-steps.ts";
import { type Ms, ms } from "../kit/time.ts";
import type { Request } from "../modbus/request.ts";
import { transactionCost } from "./transaction-cost.ts";

/**
 * What one write of a tag takes of its line at worst, with all that is fetched and read back for it; where its unit takes
 * several requests at once, with what that has to finish first. 0 for a tag that cannot be written.
 */
export function writeCost(tag: Tag, device: Device, line: LineSettings): Ms {
  if (!tag.write) return ms(0);
  const costs = requestsOf(tag, device).map((request) => transactionCost(request, device.timing, line).worst);
  const before = Math.min(device.limits.window, lineWindow(line)) > 1 ? Math.max(...costs) : 0;
  return ms(costs.reduce((sum: number, cost) => sum + cost, before));
}

/** As the scan sends them, with zeros for values: only their lengths count here. */
function requestsOf(tag: Tag, device: Device): readonly Request[] {
  const codec = tagCodec(tag);
  const zeros = Array.from({ length: codec.size }, () => 0);
  const steps = writeSteps({ tag, device }, codec, zeros, tag.write?.verify.by === "readback");
  return steps.map(({ request }) => request({ kind: "registers", registers: zeros }));
}

/** The same on the device's line in its plant. */
export function writeCostIn({ lines }: Plant, tag: Tag, device: Device): Ms {
  const line = lines.get(device.line);
  return line ? writeCost(tag, device, line) : ms(0);
}
