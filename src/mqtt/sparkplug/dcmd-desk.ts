import { fromBinary } from "@bufbuild/protobuf";
import type { CommandResult, Outcome, SetCommand } from "../../command/command.ts";
import type { Value } from "../../device/quality.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { type Instant, type Ms, ms, plus } from "../../kit/time.ts";
import type { Received } from "../broker/broker.ts";
import { MAX_COMMAND_BYTES } from "../json/command-payload.ts";
import { RETAINED_COMMAND, SCAN_SILENT } from "../rejections.ts";
import type { DeviceDeclaration, MetricTable } from "./metric-table.ts";
import { wantedValue } from "./metric-value.ts";
import { type Metric, type Payload, PayloadSchema } from "./payload_pb.ts";

/** Where a command goes; false: the scan is not listening, nothing was sent. */
export interface DcmdOutlet {
  command(command: SetCommand): boolean;
}

/** What became of a command, for the metrics of its device. */
export interface DcmdOutcome {
  readonly device: string;
  readonly outcome: Outcome;
  readonly reason: string | undefined;
}

export interface DcmdDeskOptions {
  readonly table: MetricTable;
  readonly outlet: DcmdOutlet;
  /** Begins the id of every command: no office before this one used the same. */
  readonly prefix: string;
}

/** A DCMD says nothing of how long it may wait. */
const TTL = ms(5000);
/** The scan ends every command; should it not, it is said to be unknown so long after. */
const OVERDUE_AFTER = ms(600_000);
/** Commands whose outcome is open; with so many, one more is rejected. */
const OPEN_LIMIT = 256;
const MOST_METRICS = 64;
const MOST_ELEMENTS = 125;
const MOST_TEXT = 1024;
const ORIGIN = "sparkplug";

/** Takes DCMDs, hands them to the same gate as all commands, and knows which outcomes are of its own. */
export class DcmdDesk {
  readonly #options: DcmdDeskOptions;
  /** When an open command was last to have an outcome, by its id. */
  readonly #open = new Map<string, { readonly device: string; readonly by: Instant }>();
  #count = 0;

  constructor(options: DcmdDeskOptions) {
    this.#options = options;
  }

  /** Undefined: it is under way, and its outcome follows. */
  received(device: string, message: Received, now: Instant): DcmdOutcome | undefined {
    const command = this.#command(device, message, now);
    if (!command.ok) return { device, outcome: "rejected", reason: command.failure };
    if (this.#open.size >= OPEN_LIMIT)
      return { device, outcome: "rejected", reason: "busy: too many commands without an outcome" };
    if (!this.#options.outlet.command(command.value)) return { device, outcome: "rejected", reason: SCAN_SILENT };
    this.#open.set(command.value.id, { device, by: plus(now, OVERDUE_AFTER) });
    return undefined;
  }

  /** Undefined: it is not the outcome of a DCMD. */
  result({ id, device, outcome, reason }: CommandResult): DcmdOutcome | undefined {
    this.#open.delete(id);
    return id.startsWith(this.#options.prefix) ? { device, outcome, reason } : undefined;
  }

  overdue(now: Instant): readonly DcmdOutcome[] {
    const late = [...this.#open].filter(([, { by }]) => now >= by);
    return late.map(([id, { device }]) => {
      this.#open.delete(id);
      return { device, outcome: "unknown", reason: "the scan gave no outcome" };
    });
  }

  #command(device: string, message: Received, now: Instant): Result<SetCommand, string> {
    const declarations = this.#options.table.devices.get(device);
    if (!declarations) return err(`unknown device "${device}"`);
    if (message.retained) return err(RETAINED_COMMAND);
    const payload = decodePayload(message.payload);
    if (!payload) return err("no Sparkplug payload");
    const set = wantedTags(payload.metrics, declarations);
    if (!set.ok) return set;
    const id = `${this.#options.prefix}${++this.#count}`;
    return ok({ id, device, set: set.value, ttl: lifetime(message), receivedAt: now, origin: ORIGIN });
  }
}

/** Undefined where the bytes are no payload. Nesting as deep as the bytes allow ends in an error too. */
export function decodePayload(bytes: Uint8Array): Payload | undefined {
  if (bytes.length > MAX_COMMAND_BYTES) return undefined;
  try {
    return fromBinary(PayloadSchema, bytes, { readUnknownFields: false });
  } catch {
    return undefined;
  }
}

function lifetime({ expiry }: Received): Ms {
  return ms(Math.min(TTL, (expiry ?? Infinity) * 1000));
}

function wantedTags(
  metrics: readonly Metric[],
  declarations: readonly DeviceDeclaration[],
): Result<SetCommand["set"], string> {
  if (metrics.length === 0) return err("it names no metric");
  if (metrics.length > MOST_METRICS) return err(`it names more than ${MOST_METRICS} metrics`);
  const set: [string, Value][] = [];
  for (const metric of metrics) {
    const declaration = declarations.find((each) => isNamed(metric, each));
    if (!declaration || typeof declaration.source === "string") return err(`unknown metric ${shown(metric)}`);
    const { name } = declaration;
    if (set.some(([tag]) => tag === name)) return err(`${name} is given twice`);
    const value = wantedValue(declaration.datatype, metric);
    if (!value.ok) return err(`${name} ${value.failure}`);
    if (isTooLong(value.value)) return err(`${name} is too long`);
    set.push([name, value.value]);
  }
  return ok(set);
}

/** By its alias; a host that has none for it gives the name. */
function isNamed(metric: Metric, { name, alias }: DeviceDeclaration): boolean {
  return metric.alias === undefined ? metric.name === name : metric.alias === alias;
}

function isTooLong(value: Value): boolean {
  if (typeof value === "string") return value.length > MOST_TEXT;
  return typeof value === "object" && (value.length > MOST_ELEMENTS || value.some(isTooLong));
}

/** Someone else's text in a message of ours: short, and on one line. */
function shown({ name = "", alias }: Metric): string {
  return alias === undefined
    ? JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name)
    : `with alias ${alias}`;
}
