import type { AccessFailure } from "../../link/messages.ts";
import { isSilence } from "./access.ts";

export interface Asked {
  /** `tcp://host:502` */
  readonly target: string;
  readonly unit: number;
  readonly writing: boolean;
  /** `holding 0..9` */
  readonly range: string;
}

/** What a person can do about a failure; undefined where there is nothing to say. */
export function accessHint(failure: AccessFailure, { target, unit, writing, range }: Asked): string | undefined {
  if (isSilence(failure)) {
    if (writing) return "look at the device before writing again: the first write may still take effect";
    const wire = isWire(target) ? "; do baud rate and parity fit? takt scan --baud auto tries others" : "";
    return `is there a unit ${unit}? takt scan ${target} finds those that answer; --timeout 3s waits longer${wire}`;
  }
  if (failure.kind === "damaged") return "the format may differ from the device's; takt scan --baud auto tries others";
  if (failure.kind === "unreachable") return unreachableHint(failure.reason, target);
  if (failure.kind === "lineLost" && /protocol id|length/.test(failure.reason)) {
    return "what listens there does not speak Modbus/TCP";
  }
  if (failure.kind === "lineLost") return "the device closed the connection; some allow only one client at a time";
  return failure.kind === "exception" ? exceptionHint(failure.code, range, writing) : undefined;
}

function isWire(target: string): boolean {
  return target.startsWith("rtu");
}

function portHint(reason: string): string {
  if (/EACCES|permission/i.test(reason)) return "add your user to the group that the port belongs to, often dialout";
  if (/ENOENT|no such/i.test(reason)) return "is the adapter plugged in? ls /dev/serial/by-id shows those that are";
  return "another program may have the port open";
}

function unreachableHint(reason: string, target: string): string {
  if (target.startsWith("rtu://")) return portHint(reason);
  if (reason.includes("ECONNREFUSED"))
    return "the machine is there, but nothing listens on that port (Modbus/TCP is 502)";
  if (/ENOTFOUND|EAI_AGAIN/.test(reason)) return "no address is known for that name";
  return "is the address right, and is the device on this network?";
}

function addressHint(range: string, writing: boolean): string {
  if (!range.includes(".."))
    return writing
      ? `${range} does not exist here, or cannot be written`
      : `${range} does not exist here; try another table`;
  return writing
    ? `not all of ${range} exist here, or they cannot be written`
    : `not all of ${range} exist here; try a smaller count or another table`;
}

function exceptionHint(code: number, range: string, writing: boolean): string | undefined {
  switch (code) {
    case 1:
      return writing
        ? "the device does not know this function; --multiple writes with the other one (15 or 16)"
        : "the device does not have this table; try another one";
    case 2:
      return addressHint(range, writing);
    case 3:
      return writing
        ? "the device does not take this value, or not so many at once"
        : "the device does not give so many at once; try a smaller count";
    case 4:
      return "the device is in trouble itself; its own display or log may say why";
    case 5:
      return "the device works on it and will take a while";
    case 6:
      return "the device is busy; try again in a moment";
    default:
      return undefined;
  }
}
