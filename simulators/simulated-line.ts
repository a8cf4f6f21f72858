import type { Clock } from "../src/kit/clock.ts";
import { unreachable } from "../src/kit/invariant.ts";
import type { Logger } from "../src/kit/logger.ts";
import type { Random } from "../src/kit/random.ts";
import type { Ms } from "../src/kit/time.ts";
import { type FaultKind, type LineFault, MEDIA } from "./faults/fault.ts";
import { LineFaults } from "./faults/line-faults.ts";
import type { BusEnd } from "./serial/bus-end.ts";
import { serveWire } from "./serial/device-server.ts";
import { Gateway } from "./serial/gateway.ts";
import type { Pacer } from "./serial/pacer.ts";
import { servePty } from "./serial/pty-end.ts";
import { type BusUnit, SerialBus } from "./serial/serial-bus.ts";
import type { WireFormat } from "./serial/wire-format.ts";
import { askUnits } from "./wire/reply.ts";
import { serveSlaves } from "./wire/slave-server.ts";

interface AnySimulationLine {
  readonly name: string;
}

interface SimulationEndpoint {
  /** A loopback address; everything else is refused. */
  readonly host: string;
  readonly port: number;
}

export interface TcpSimulationLine extends AnySimulationLine, SimulationEndpoint {
  readonly kind: "tcp";
  /** The units stand on a serial wire behind a gateway that waits so long for them. */
  readonly gateway?: (WireFormat & { readonly timeout: Ms }) | undefined;
}

interface OnWire {
  readonly format: WireFormat;
  /** The master hears what it sends. */
  readonly localEcho: boolean;
}

export interface RtuOverTcpSimulationLine extends AnySimulationLine, SimulationEndpoint, OnWire {
  readonly kind: "rtuOverTcp";
  readonly packetTime: Ms;
}

export interface SerialSimulationLine extends AnySimulationLine, OnWire {
  readonly kind: "serial";
  /** Only a path that does not exist yet can be simulated. */
  readonly adapter: { readonly path: string } | { readonly vendor: string };
}

export type SimulationLine = TcpSimulationLine | RtuOverTcpSimulationLine | SerialSimulationLine;

/** One line at run time: where a master finds it, and what can be done to it. */
export interface SimulatedLine {
  readonly name: string;
  /** `tcp://127.0.0.1:15020`, `rtu+tcp://…`, or the path of a serial port. */
  readonly endpoint: string;
  /** Undefined for a serial port. */
  readonly address: SimulationEndpoint | undefined;
  /** The wire and the master's end of it; undefined on plain TCP. */
  readonly wire: { readonly bus: SerialBus; readonly end: BusEnd | undefined } | undefined;
  /** What is wrong with it now. */
  faults(): readonly LineFault[];
  /**
   * Adds a fault; the function that is returned ends it. Throws a RangeError, for people, where it can never be on such a
   * line.
   */
  fault(fault: LineFault): () => void;
  /** Ends all faults, or those of a kind or a unit. */
  heal(which?: { readonly kind?: FaultKind; readonly unit?: number }): void;
  /** Resets all connections, or pulls the serial adapter and plugs it in again; masters are welcome again at once. */
  disconnect(): Promise<void>;
  close(): Promise<void>;
}

export interface LineSurroundings {
  readonly units: readonly BusUnit[];
  /** What units of a TCP line that are not there do. */
  readonly unknownUnit: "silent" | "gateway";
  readonly clock: Clock;
  readonly pacer: Pacer;
  /** For this line alone. */
  readonly random: Random;
  readonly logger: Logger;
}

/** Serves a line. Rejects, for people, where it cannot be served. */
export async function simulateLine(line: SimulationLine, around: LineSurroundings): Promise<SimulatedLine> {
  switch (line.kind) {
    case "tcp":
      return line.gateway ? gatewayLine(line, line.gateway, around) : tcpLine(line, around);
    case "rtuOverTcp":
      return rtuOverTcpLine(line, around);
    case "serial":
      return serialLine(line, around);
    default:
      return unreachable(line);
  }
}

async function tcpLine(line: TcpSimulationLine, around: LineSurroundings): Promise<SimulatedLine> {
  const faults = faultsOf("tcp", around);
  const units = new Map(around.units.map(({ unit, respond }) => [unit, respond]));
  const trouble = { faults, random: around.random };
  const server = await serveSlaves({ ...around, ...line, ask: askUnits(units, around.unknownUnit), trouble });
  return {
    ...endpointOf("tcp", line.name, server),
    ...faultAccess([faults]),
    wire: undefined,
    disconnect: async () => server.disconnect(),
    close: () => server.close(),
  };
}

/** Faults of connections are at the gateway's network side, all others on the wire behind it. */
async function gatewayLine(
  line: TcpSimulationLine,
  gateway: WireFormat & { readonly timeout: Ms },
  around: LineSurroundings,
): Promise<SimulatedLine> {
  const bus = busOf(gateway, around);
  const asker = new Gateway({ bus, timeout: gateway.timeout });
  const faults = faultsOf("tcp", around);
  const trouble = { faults, random: around.random };
  const close = (): void => {
    asker.close();
    bus.close();
  };
  const server = await orElse(close, () => serveSlaves({ ...around, ...line, ask: asker.ask, trouble }));
  return {
    ...endpointOf("tcp", line.name, server),
    ...faultAccess([bus.faults, faults]),
    wire: { bus, end: undefined },
    disconnect: async () => server.disconnect(),
    close: async () => {
      await server.close();
      close();
    },
  };
}

async function rtuOverTcpLine(line: RtuOverTcpSimulationLine, around: LineSurroundings): Promise<SimulatedLine> {
  const bus = busOf(line.format, around);
  const end = bus.connect(line);
  const server = await orElse(
    () => bus.close(),
    () => serveWire({ ...around, ...line, end }),
  );
  return {
    ...endpointOf("rtu+tcp", line.name, server),
    ...faultAccess([bus.faults]),
    wire: { bus, end },
    disconnect: async () => server.disconnect(),
    close: async () => {
      await server.close();
      bus.close();
    },
  };
}

async function serialLine(line: SerialSimulationLine, around: LineSurroundings): Promise<SimulatedLine> {
  const { adapter } = line;
  if (!("path" in adapter)) throw new Error("only a serial port with a path can be simulated, no USB adapter");
  const bus = busOf(line.format, around);
  const end = bus.connect(line);
  const pty = await orElse(
    () => bus.close(),
    () => servePty({ path: adapter.path, end, logger: around.logger }),
  );
  return {
    name: line.name,
    endpoint: adapter.path,
    address: undefined,
    ...faultAccess([bus.faults]),
    wire: { bus, end },
    disconnect: () => pty.replug(),
    close: async () => {
      await pty.close();
      bus.close();
    },
  };
}

/** Ends what was begun when the rest cannot be. */
async function orElse<T>(end: () => void, begin: () => Promise<T>): Promise<T> {
  try {
    return await begin();
  } catch (error) {
    end();
    throw error;
  }
}

function faultsOf(medium: "serial" | "tcp", { random, clock }: LineSurroundings): LineFaults {
  return new LineFaults({ medium, random, now: () => clock.now() });
}

function busOf(format: WireFormat, around: LineSurroundings): SerialBus {
  return new SerialBus({ ...around, format, faults: faultsOf("serial", around) });
}

function endpointOf(scheme: string, name: string, { host, port }: SimulationEndpoint) {
  return { name, endpoint: `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`, address: { host, port } };
}

/** A fault goes to the first of the places where it can be. */
function faultAccess(places: readonly [LineFaults, ...LineFaults[]]) {
  return {
    faults: () => places.flatMap(({ list }) => list),
    fault: (fault: LineFault) =>
      (places.find(({ medium }) => MEDIA[fault.kind].includes(medium)) ?? places[0]).add(fault),
    heal: (which: { readonly kind?: FaultKind; readonly unit?: number } = {}) =>
      places.forEach((place) => place.heal(which)),
  };
}
