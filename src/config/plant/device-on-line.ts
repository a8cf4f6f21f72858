import type { Finding } from "../../device/finding.ts";
import type { Device, DeviceTiming } from "../../device/profile.ts";
import { formatDuration } from "../../kit/duration.ts";
import { type Ms, ms } from "../../kit/time.ts";
import { formatSerial } from "../../modbus/serial-format.ts";
import { t35, wireTime } from "../../modbus/wire-time.ts";
import type { LineSettings } from "./plant.ts";
import type { DeviceFile } from "./plant-schema.ts";
import { wireFormat } from "./wire-format.ts";

/** Units of a serial line; 0 is the broadcast, 248 to 255 are reserved (Modbus over Serial Line V1.02, 2.2). */
const SERIAL_UNITS = { least: 1, most: 247 };

/** What is wrong with a unit number on this line; undefined where nothing is, or where it is no number at all. */
export function unitFinding(unit: unknown, line: LineSettings | undefined): Finding | undefined {
  const { least, most } = SERIAL_UNITS;
  const serial = line?.kind === "serial" || line?.kind === "rtuOverTcp";
  if (!serial || typeof unit !== "number" || !Number.isInteger(unit)) return undefined;
  if (unit >= least && unit <= most) return undefined;
  return { path: ["unit"], message: `unit ${unit} is outside ${least}..${most} (serial lines; TCP allows 0..255)` };
}

/**
 * The timing of a device on its line. A slave that frames by silence cannot answer before t3.5 is over, and a gateway gives
 * its unit up by itself: we wait longer than that, and than the wire takes.
 */
export function timingOnLine({ timing, limits }: Pick<Device, "timing" | "limits">, line: LineSettings): DeviceTiming {
  const format = wireFormat(line);
  if (!format) return timing;
  const turnaround = ms(Math.max(timing.turnaround, t35(format)));
  if (line.kind !== "tcp" || !line.gateway) return { ...timing, turnaround };
  const longest = wireTime({ fc: 3, address: 0, quantity: limits.readRegisters }, format);
  const responseTimeout = ms(Math.max(timing.responseTimeout, Math.ceil(line.gateway.timeout + longest)));
  return { turnaround, responseTimeout };
}

/** What a device says of its timing and its line makes impossible; paths begin at the device. */
export function timingFindings(
  timing: DeviceTiming,
  said: DeviceFile["timing"],
  line: LineSettings,
): readonly Finding[] {
  const path = ["timing", "responseTimeout"];
  if (line.kind === "tcp" && line.gateway && said?.responseTimeout !== undefined) {
    if (said.responseTimeout > line.gateway.timeout) return [];
    const message = `timing: responseTimeout ${spanText(said.responseTimeout)} is not above the gateway's own timeout of ${spanText(line.gateway.timeout)}`;
    return [{ path, message, hint: "what the gateway says in the end would come late" }];
  }
  const format = wireFormat(line);
  if (!format || timing.responseTimeout > timing.turnaround) return [];
  const message = `timing: responseTimeout ${spanText(timing.responseTimeout)} is over before a slave can answer at ${formatSerial(format)}`;
  return [{ path, message, hint: `its silence t3.5 alone takes ${spanText(t35(format))}` }];
}

function spanText(span: Ms): string {
  return formatDuration(ms(Math.ceil(span * 10) / 10));
}
