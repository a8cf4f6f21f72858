import { gatewayPatience } from "../config/plant/gateway-patience.ts";
import type { LineSettings } from "../config/plant/plant.ts";
import type { DeviceTiming } from "../device/profile.ts";
import { type Ms, ms } from "../kit/time.ts";
import type { Request } from "../modbus/request.ts";
import { answerLength, characterTime, requestLength, settledAfter, t35 } from "../modbus/wire-time.ts";
import { transactionTime, type Wire, wireOf } from "./wire.ts";

/** How long a transaction keeps its place on the line: at worst, and in the middle of what is to be expected. */
export interface Cost {
  readonly worst: Ms;
  readonly typical: Ms;
}

/**
 * What an answered transaction costs its line. On a serial wire: its characters, the silences, the device's turnaround and
 * the way to the wire; typically a turnaround half-way between the earliest possible (t3.5) and the stated one. On
 * Modbus/TCP: the stated round trip, typically half of it.
 */
export function transactionCost(request: Request, { turnaround }: DeviceTiming, line: LineSettings): Cost {
  const wire = wireOf(line);
  if (wire) return costOnWire(request, turnaround, wire);
  const roundTrip = line.kind === "serial" ? ms(0) : line.roundTrip;
  return { worst: roundTrip, typical: ms(roundTrip / 2) };
}

function costOnWire(request: Request, turnaround: Ms, wire: Wire): Cost {
  const earliest = t35(wire.format);
  const middle = ms((earliest + Math.max(earliest, turnaround)) / 2);
  return {
    worst: transactionTime(request, turnaround, wire),
    typical: transactionTime(request, middle, { ...wire, delay: ms(wire.delay / 2) }),
  };
}

/**
 * How long an answer takes at worst, to its last character, from when the request has left: on lines of RTU frames its last character, on
 * Modbus/TCP all of it as it goes to the socket.
 */
export function answerTime(request: Request, timing: DeviceTiming, line: LineSettings): Ms {
  const { worst } = transactionCost(request, timing, line);
  if (line.kind === "tcp") return worst;
  return ms(worst - requestLength(request) * characterTime(line.format) - t35(line.format));
}

/**
 * What a transaction costs at worst that nobody answers: until it is given up, and on lines of RTU frames until the line is
 * silent again, lest a late answer pass for the next one.
 */
export function silenceCost(request: Request, { responseTimeout }: DeviceTiming, line: LineSettings): Ms {
  switch (line.kind) {
    case "tcp":
      return ms(Math.max(responseTimeout, line.gateway ? gatewayPatience(line.gateway, request) : 0));
    case "rtuOverTcp":
      return ms(silenceOnWire(request, responseTimeout, line) + 2 * line.packetTime + line.roundTrip);
    case "serial":
      return ms(silenceOnWire(request, responseTimeout, line) + line.hostLatency);
  }
}

/** The silence before it, the request, the time its answer would take, the device's, and the line's to settle. */
function silenceOnWire(
  request: Request,
  responseTimeout: Ms,
  { format }: LineSettings & { readonly kind: "serial" | "rtuOverTcp" },
): number {
  const characters = (requestLength(request) + answerLength(request)) * characterTime(format);
  return t35(format) + characters + responseTimeout + settledAfter(format);
}
