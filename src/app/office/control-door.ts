import type { Command, CommandResult } from "../../command/command.ts";
import type { LineSettings } from "../../config/plant/plant.ts";
import { errorMessage } from "../../kit/error-message.ts";
import { systemClock } from "../../kit/system-clock.ts";
import type { Logger } from "../../kit/logger.ts";
import type { Device } from "../../device/profile.ts";
import { commandJson } from "../../mqtt/json/meta-payload.ts";
import type { AccessOutcome, ToScan, TracedFrames } from "../../link/messages.ts";
import type { DescribedCommand, DescribedDevice, OwnedLine } from "../control/control-message.ts";
import { type SharedLine, sharedLines } from "../control/find-master.ts";
import { serveControl } from "../control/control-server.ts";
import { defaultRuntimeFolder } from "../control/runtime-folder.ts";
import { ScanCalls } from "../control/scan-calls.ts";
import { ScanAccess } from "../control/scan-access.ts";
import { ScanTraces } from "../control/scan-traces.ts";
import type { OfficeBrief } from "./office-settings.ts";

export interface ControlDoor {
  /** The scan's answer to a raw request. */
  accessed(access: number, outcome: AccessOutcome): void;
  traced(trace: number, traced: TracedFrames | undefined): void;
  /** The outcome of a command; false where nobody asked for it through this door. */
  result(result: CommandResult): boolean;
  close(): Promise<void>;
}

export interface ControlDoorOptions {
  /** False: the scan has not been heard of for too long. */
  readonly post: (message: ToScan & { readonly kind: "access" | "trace" }) => boolean;
  /** The same for a command. */
  readonly command: (command: Command) => boolean;
  readonly logger: Logger;
  /** Told of each line that another master of this user on this machine has too. */
  readonly onShared: (shared: SharedLine) => void;
}

/** Lets the commands of this machine's user reach the lines. Without it, which a line of the log says, a plant runs too. */
export async function openControlDoor(
  { plant, settings }: OfficeBrief,
  { post, command, logger, onShared }: ControlDoorOptions,
): Promise<ControlDoor> {
  const scan = new ScanAccess({ post, clock: systemClock });
  const traces = new ScanTraces({ post, clock: systemClock });
  const calls = new ScanCalls({ devices: plant.devices, post: command, clock: systemClock });
  const lines = [...plant.lines.values()].map(ownedLine);
  const folder = settings.runtimeDir ?? defaultRuntimeFolder(process.env);
  const unavailable = (error: unknown): void => logger.warn("control.unavailable", { reason: errorMessage(error) });
  const server = await serveControl({
    folder,
    identity: { plant: plant.name, gateway: settings.gateway, pid: process.pid, lines },
    access: (request) => scan.ask(request),
    trace: (line) => traces.ask(line),
    describe: (name) => describedDevice(plant.devices.get(name)),
    devices: [...plant.devices.keys()],
    ask: (request) => calls.ask(request),
    clock: systemClock,
    logger,
  }).catch((error: unknown) => {
    unavailable(error);
    return undefined;
  });
  // Once our own socket is there: of two that start together, at least the later one sees the other.
  let open = true;
  const warn = (reason: string): void => logger.warn("control.unavailable", { reason });
  sharedLines(lines, process.pid, { folder, clock: systemClock, warn })
    .then((shared) => shared.forEach((each) => open && onShared(each)))
    .catch(unavailable);
  return {
    accessed: (access, outcome) => scan.accessed(access, outcome),
    traced: (trace, traced) => traces.traced(trace, traced),
    result: (result) => calls.result(result),
    async close() {
      open = false;
      scan.close();
      traces.close();
      calls.close();
      await server?.close();
    },
  };
}

function ownedLine(line: LineSettings): OwnedLine {
  const { name, kind } = line;
  return kind === "serial" ? { name, kind, adapter: line.adapter } : { name, kind, host: line.host, port: line.port };
}

function describedDevice(device: Device | undefined): DescribedDevice | undefined {
  if (!device) return undefined;
  const { name, commands } = device.profile;
  // what meta tells has this shape
  const described = Array.from(commands, ([key, each]) => [key, commandJson(each) as DescribedCommand] as const);
  return { device: device.name, profile: name, commands: Object.fromEntries(described) };
}
