import { lineWindow } from "../config/line-window.ts";
import type { LineSettings, Plant } from "../config/plant.ts";
import type { Device } from "../device/profile.ts";
import type { Tag } from "../device/tag.ts";
import { type Ms, ms } from "../kit/time.ts";
import { transactionCost } from "./transaction-cost.ts";
import { writeRequests } from "./write-requests.ts";

/**
 * What one write of a tag takes of its line at worst, with all that is fetched and read back for it; where its unit takes
 * several requests at once, with what that has to finish first. 0 for a tag that cannot be written.
 */
export function writeCost(tag: Tag, device: Device, line: LineSettings): Ms {
  if (!tag.write) return ms(0);
  const costs = writeRequests(tag, device).map((request) => transactionCost(request, device.timing, line).worst);
  const before = Math.min(device.limits.window, lineWindow(line)) > 1 ? Math.max(...costs) : 0;
  return ms(costs.reduce((sum: number, cost) => sum + cost, before));
}

/** The same on the device's line in its plant. */
export function writeCostIn({ lines }: Plant, tag: Tag, device: Device): Ms {
  const line = lines.get(device.line);
  return line ? writeCost(tag, device, line) : ms(0);
}
