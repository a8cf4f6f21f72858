import type { Finding } from "../../device/finding.ts";
import { isTtyRate } from "../../modbus/serial-format.ts";
import { type LINE_KINDS, type LineFile, lineSchema, type SerialFile } from "./plant-schema.ts";

type Kind = (typeof LINE_KINDS)[number];

/** The kinds of lines that a key says something about. */
const BELONGS_TO: ReadonlyMap<string, readonly Kind[]> = new Map([
  ["window", ["tcp"]],
  ["gateway", ["tcp"]],
  ["connectTimeout", ["tcp", "rtuOverTcp"]],
  ["roundTrip", ["tcp", "rtuOverTcp"]],
  ["localEcho", ["serial", "rtuOverTcp"]],
  ["broadcastTurnaround", ["serial", "rtuOverTcp"]],
]);

const HINTS: ReadonlyMap<string, string> = new Map([
  ["window", "a serial wire carries one request at a time"],
  ["gateway", "that is for Modbus/TCP; RTU frames through a device server are rtuOverTcp"],
]);

const HOMELESS: Finding = { path: [], message: "needs one of tcp, serial, rtuOverTcp: where does it lead?" };

/**
 * What makes no sense in a line beyond the form of its keys; paths begin at the line. The kinds are those it names,
 * understood or not. A kind that is misspelt is told as an unknown key, and only so.
 */
export function checkLine(
  line: Partial<LineFile>,
  kinds: readonly Kind[],
  keys: readonly (readonly [string, unknown])[],
): readonly Finding[] {
  const [kind, second] = kinds;
  if (!kind) return keys.some(([key]) => !Object.hasOwn(lineSchema.shape, key)) ? [] : [HOMELESS];
  if (second) {
    const hint = kinds.includes("tcp") ? "a gateway to a serial wire is tcp with gateway beside it" : undefined;
    const message = `has ${kinds.join(" and ")}; a line is only one of them`;
    return [{ path: [second], message, atKey: true, ...(hint === undefined ? {} : { hint }) }];
  }
  const misplaced = keys.flatMap(([key]) => misplacedKey(key, kind));
  return [...misplaced, ...checkGateway(line), ...(line.serial ? checkSerial(line.serial) : [])];
}

function misplacedKey(key: string, kind: Kind): readonly Finding[] {
  const kinds = BELONGS_TO.get(key);
  if (!kinds || kinds.includes(kind)) return [];
  const hint = HINTS.get(key);
  const message = `"${key}" is for ${kinds.join(" and ")}, not for ${kind}`;
  return [{ path: [key], message, atKey: true, ...(hint === undefined ? {} : { hint }) }];
}

function checkGateway({ gateway, window }: Partial<LineFile>): readonly Finding[] {
  if (!gateway || window === undefined || window === 1) return [];
  const message = `window ${window} in front of a serial wire, which carries one request at a time`;
  return [{ path: ["window"], message, hint: "leave window out" }];
}

function checkSerial(serial: SerialFile): readonly Finding[] {
  return [...checkAdapter(serial), ...checkDriver(serial)].map((finding) => ({
    ...finding,
    path: ["serial", ...finding.path],
  }));
}

const ADAPTER_HINT = "by path: /dev/serial/by-id/…, or by vendor and product of the USB adapter";

function checkAdapter({ path, vendor, product, serialNumber }: SerialFile): readonly Finding[] {
  const usb = { vendor, product, serialNumber };
  const named = Object.entries(usb).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  if (path !== undefined) {
    return named.slice(0, 1).map((key) => ({
      path: [key],
      message: `serial has path and ${key}; a port is named one way`,
      atKey: true,
    }));
  }
  if (vendor !== undefined && product !== undefined) return [];
  const missing = named.length === 0 ? "path" : vendor === undefined ? "vendor" : "product";
  return [{ path: [], message: `"serial.${missing}" is missing: which port?`, hint: ADAPTER_HINT }];
}

function checkDriver({ driver, baudRate }: SerialFile): readonly Finding[] {
  if (driver !== "tty" || baudRate === undefined || isTtyRate(baudRate)) return [];
  const message = `driver tty cannot set ${baudRate} baud`;
  return [{ path: ["baudRate"], message, hint: "driver serialport can" }];
}
