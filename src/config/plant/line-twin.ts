import type { Finding } from "../../device/finding.ts";
import type { LineSettings, SerialAdapter } from "./plant.ts";

/** The line, among those before it, that leads to the same place: two would talk across each other. */
export function lineTwin(line: LineSettings, before: readonly (LineSettings | undefined)[]): Finding | undefined {
  const twin = before.find((other) => other && leadToTheSame(line, other));
  if (!twin) return undefined;
  const hint = line.kind === "serial" ? serialHint(line.adapter) : "units behind one host and port share one line";
  return { path: [line.kind], message: `line ${twin.name} is ${placeText(line)} already`, hint };
}

function leadToTheSame(one: LineSettings, other: LineSettings): boolean {
  if (one.kind === "serial" || other.kind === "serial") {
    return one.kind === "serial" && other.kind === "serial" && mayBeTheSame(one.adapter, other.adapter);
  }
  return one.port === other.port && one.host.toLowerCase() === other.host.toLowerCase();
}

/** An adapter without a serial number may be any of its kind. */
function mayBeTheSame(one: SerialAdapter, other: SerialAdapter): boolean {
  if ("path" in one || "path" in other) return "path" in one && "path" in other && one.path === other.path;
  if (one.vendor !== other.vendor || one.product !== other.product) return false;
  const numbers = [one.serialNumber, other.serialNumber];
  return numbers.includes(undefined) || one.serialNumber === other.serialNumber;
}

function serialHint(adapter: SerialAdapter): string {
  if ("path" in adapter) return "units on one wire share one line";
  return "units on one wire share one line; adapters of one kind are told apart by serialNumber";
}

function placeText(line: LineSettings): string {
  if (line.kind !== "serial") return `${line.host.toLowerCase()}:${line.port}`;
  const { adapter } = line;
  if ("path" in adapter) return adapter.path;
  const { vendor, product, serialNumber } = adapter;
  return `adapter ${vendor}:${product}${serialNumber === undefined ? "" : ` ${serialNumber}`}`;
}
