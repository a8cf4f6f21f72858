import type { LineSettings } from "../../config/plant.ts";
import { systemClock } from "../../kit/system-clock.ts";
import type { Logger } from "../../kit/logger.ts";
import type { AccessOutcome, ToScan, TracedFrames } from "../../link/messages.ts";
import type { OwnedLine } from "../control/control-message.ts";
import { serveControl } from "../control/control-server.ts";
import { defaultRuntimeFolder } from "../control/runtime-folder.ts";
import { ScanAccess } from "../control/scan-access.ts";
import { ScanTraces } from "../control/scan-traces.ts";
import type { OfficeBrief } from "./office-settings.ts";

export interface ControlDoor {
  /** The scan's answer to a raw request. */
  accessed(access: number, outcome: AccessOutcome): void;
  traced(trace: number, traced: TracedFrames | undefined): void;
  close(): Promise<void>;
}

export interface ControlDoorOptions {
  /** False: the scan has not been heard of for too long. */
  readonly post: (message: ToScan & { readonly kind: "access" | "trace" }) => boolean;
  readonly logger: Logger;
}

/** Lets the commands of this machine's user reach the lines. Without it, which a line of the log says, a plant runs too. */
export async function openControlDoor(
  { plant, settings }: OfficeBrief,
  { post, logger }: ControlDoorOptions,
): Promise<ControlDoor> {
  const scan = new ScanAccess({ post, clock: systemClock });
  const traces = new ScanTraces({ post, clock: systemClock });
  const lines = [...plant.lines.values()].map(ownedLine);
  const server = await serveControl({
    folder: settings.runtimeDir ?? defaultRuntimeFolder(process.env),
    identity: { plant: plant.name, pid: process.pid, lines },
    access: (request) => scan.ask(request),
    trace: (line) => traces.ask(line),
    clock: systemClock,
    logger,
  }).catch((error: unknown) => {
    logger.warn("control.unavailable", { reason: error instanceof Error ? error.message : String(error) });
    return undefined;
  });
  return {
    accessed: (access, outcome) => scan.accessed(access, outcome),
    traced: (trace, traced) => traces.traced(trace, traced),
    async close() {
      scan.close();
      traces.close();
      await server?.close();
    },
  };
}

function ownedLine(line: LineSettings): OwnedLine {
  const { name, kind } = line;
  return kind === "serial" ? { name, kind, adapter: line.adapter } : { name, kind, host: line.host, port: line.port };
}
