import { LineFaults } from "../../../simulators/faults/line-faults.ts";
import type { BusEnd } from "../../../simulators/serial/bus-end.ts";
import { Packets } from "../../../simulators/serial/packets.ts";
import { clockPacer, type Pacer } from "../../../simulators/serial/pacer.ts";
import { SerialBus } from "../../../simulators/serial/serial-bus.ts";
import { serveClient } from "../../../simulators/wire/slave-client.ts";
import type { Line } from "../../../src/bus/line/line.ts";
import { rtuLine } from "../../../src/bus/rtu/rtu-line.ts";
import { tcpLine } from "../../../src/bus/tcp/tcp-line.ts";
import { tcpRtuTransport } from "../../../src/bus/rtu/tcp-rtu-transport.ts";
import { timerWait } from "../../../src/bus/rtu/wait-until.ts";
import type {
  LineSettings,
  RtuOverTcpLineSettings,
  SerialLineSettings,
  TcpLineSettings,
} from "../../../src/config/plant/plant.ts";
import type { Device } from "../../../src/device/profile.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import type { Random } from "../../../src/kit/random.ts";
import { type Ms, ms, plus } from "../../../src/kit/time.ts";
import type { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import type { HonestSlave } from "./honest-slave.ts";
import { LooseAdapter } from "./loose-adapter.ts";
import { LooseCable } from "./loose-cable.ts";
import type { Mishap } from "./mishaps.ts";
import type { TraceHash } from "./trace-hash.ts";

/** A line of a simulated plant: the master's side of it, and what can happen to the other. */
export interface LineSite {
  readonly line: Line;
  readonly devices: readonly Device[];
  readonly faults: LineFaults;
  readonly mishaps: readonly Mishap[];
  close(): void;
}

/**
 * How long transactions take. `chance`: as it comes, up to what is stated. `worst`: always as long as the plan reckons with
 * at worst.
 */
export type Pace = "chance" | "worst";

export interface LineSiteOptions {
  readonly settings: LineSettings;
  /** Of this line. */
  readonly slaves: readonly HonestSlave[];
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly pace: Pace;
  /** As in the wire's options. */
  readonly handOver: Ms;
  /** What every frame is added to. */
  readonly hash: TraceHash;
}

/** A line of the product's own in virtual time, with its slaves at the other end. */
export function lineSite(options: LineSiteOptions): LineSite {
  const { settings } = options;
  switch (settings.kind) {
    case "serial":
      return serialSite(options, settings);
    case "rtuOverTcp":
      return serverSite(options, settings);
    case "tcp":
      return tcpSite(options, settings);
  }
}

/** Slaves on a wire in the same time as `pacer`. */
export function slavesOnWire(
  {
    slaves,
    random,
    handOver,
    pace,
  }: Pick<LineSiteOptions, "slaves" | "random" | "pace"> & { readonly handOver?: Ms | undefined },
  format: SerialLineSettings["format"],
  pacer: Pacer,
): { readonly bus: SerialBus; readonly faults: LineFaults } {
  const faults = new LineFaults({ medium: "serial", random, now: () => pacer.now() });
  const units = slaves.map((slave) => {
    const most = slave.device.timing.turnaround;
    const least = pace === "worst" ? most : ms(Math.min(3, most));
    return { unit: slave.device.unit, respond: slave.respond.bind(slave), turnaround: { least, most } };
  });
  return { faults, bus: new SerialBus({ format, pacer, random, units, faults, handOver }) };
}

function serialSite(options: LineSiteOptions, settings: SerialLineSettings): LineSite {
  const { clock, hash, slaves, pace } = options;
  const { bus, faults } = slavesOnWire(options, settings.format, clockPacer(clock));
  const end = bus.connect();
  const adapter = new LooseAdapter({
    end,
    clock,
    latency: pace === "worst" ? settings.hostLatency : ms(0),
    leaves: (characters) => plus(clock.now(), ms(characters * bus.wire.times.character)),
    sent: (frame) => note(hash, clock, frame),
  });
  const line = rtuLine({ ...masterOf(options), settings, units: unitsOf(slaves), openTransport: adapter.open });
  return { line, faults, devices: devicesOf(slaves), mishaps: adapter.mishaps, close: () => close(end, bus) };
}

function serverSite(options: LineSiteOptions, settings: RtuOverTcpLineSettings): LineSite {
  const { clock, hash, slaves, pace } = options;
  const pacer = clockPacer(clock);
  const { bus, faults } = slavesOnWire(options, settings.format, pacer);
  const end = bus.connect();
  const cable = new LooseCable({
    clock,
    ...waysOf(settings.roundTrip, pace),
    serve: (socket) => {
      const packets = new Packets({ pacer, packetTime: settings.packetTime }, (packet) => socket.write(packet));
      const deaf = end.received.on(({ bytes, end: until }) => packets.add(bytes, until));
      socket.on("data", (bytes) => {
        note(hash, clock, bytes);
        end.write(bytes);
      });
      socket.on("close", () => {
        deaf();
        packets.close();
      });
    },
  });
  const openTransport = tcpRtuTransport(settings, clock, cable.connect);
  const line = rtuLine({ ...masterOf(options), settings, units: unitsOf(slaves), openTransport });
  const closeAll = (): void => {
    cable.close();
    close(end, bus);
  };
  return { line, faults, devices: devicesOf(slaves), mishaps: cable.mishaps, close: closeAll };
}

function tcpSite(options: LineSiteOptions, settings: TcpLineSettings): LineSite {
  const { clock, hash, slaves, random, pace } = options;
  const faults = new LineFaults({ medium: "tcp", random, now: () => clock.now() });
  const units = new Map(slaves.map((slave) => [slave.device.unit, slave]));
  const cable = new LooseCable({
    clock,
    ...waysOf(settings.roundTrip, pace),
    serve: (socket) => {
      socket.on("data", (bytes) => note(hash, clock, bytes));
      serveClient(socket, {
        ask: (unit, pdu, answer) => answer(units.get(unit)?.respond(pdu) ?? { kind: "silence" }),
        trouble: { faults, random },
        clock,
        logger: silentLogger,
      });
    },
  });
  const unitWindows = new Map([...units].map(([unit, { device }]) => [unit, device.limits.window]));
  const line = tcpLine({ ...masterOf(options), settings, unitWindows, connect: cable.connect });
  return { line, faults, devices: devicesOf(slaves), mishaps: cable.mishaps, close: () => cable.close() };
}

function masterOf({
  clock,
  random,
}: LineSiteOptions): Pick<Parameters<typeof rtuLine>[0], "clock" | "wait" | "random" | "logger"> {
  return { clock, wait: timerWait(clock), random, logger: silentLogger };
}

/** An answer that comes in the very instant in which the next frame begins is none of the frame before. */
const INSTANT = 0.001;

/** What the network takes of a round trip each way. */
function waysOf(roundTrip: Ms, pace: Pace): { readonly there: Ms; readonly back: Ms } {
  const way = ms(pace === "worst" ? (roundTrip - INSTANT) / 2 : roundTrip / 4);
  return { there: way, back: way };
}

function note(hash: TraceHash, clock: VirtualClock, frame: Uint8Array): void {
  hash.number(clock.now());
  hash.bytes(frame);
}

function unitsOf(slaves: readonly HonestSlave[]): readonly number[] {
  return slaves.map(({ device }) => device.unit);
}

function devicesOf(slaves: readonly HonestSlave[]): readonly Device[] {
  return slaves.map(({ device }) => device);
}

function close(end: BusEnd, bus: SerialBus): void {
  end.close();
  bus.close();
}
