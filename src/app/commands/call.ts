import type { Clock } from "../../kit/clock.ts";
import { didYouMean } from "../../device/did-you-mean.ts";
import { parseDuration } from "../../kit/duration.ts";
import { ms } from "../../kit/time.ts";
import { commandsText, type Outcome, outcomeText } from "../call/call-text.ts";
import { parseArgs } from "../call/parse-args.ts";
import type { ControlClient } from "../control/control-client.ts";
import type { ControlReply, DescribedDevice } from "../control/control-message.ts";
import { noMaster, type Running, runningMasters } from "../control/find-master.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";
import type { Terminal } from "../process/terminal.ts";

export interface CallOptions {
  /** How long it may wait to begin. */
  readonly ttl: string;
  readonly id?: string | undefined;
  readonly by?: string | undefined;
  readonly arm: boolean;
  readonly json: boolean;
  /** Where running masters put their control sockets. */
  readonly folder: string;
  readonly clock: Clock;
}

const REPLY_TIME = ms(5000);
/** The master ends each call in a bounded time and says so; this holds should it not. */
const LONGEST_CALL = ms(24 * 3_600_000);

interface Found {
  readonly client: ControlClient;
  readonly device: DescribedDevice;
}

/** `takt call`: a command of a device of the running master; without a command, which there are. */
export async function call(
  device: string,
  words: readonly string[],
  options: CallOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const masters = await runningMasters({ ...options, warn: terminal.err });
  try {
    const found = await findDevice(device, masters, options.folder);
    if (typeof found === "string") {
      terminal.err(found);
      return EXIT.invalid;
    }
    const [command, ...args] = words;
    if (command !== undefined) return await carryOut({ ...found, command, args }, options, terminal);
    terminal.out(options.json ? JSON.stringify(found.device) : commandsText(found.device));
    return EXIT.done;
  } finally {
    for (const { client } of masters) client.close();
  }
}

async function findDevice(name: string, masters: readonly Running[], folder: string): Promise<Found | string> {
  const known: string[] = [];
  for (const { client } of masters) {
    const reply = await client.ask({ describe: { device: name } }, REPLY_TIME);
    if (!reply.ok || !("described" in reply.value)) continue;
    if (reply.value.described) return { client, device: reply.value.described };
    known.push(...reply.value.devices);
  }
  if (masters.length === 0) return noMaster(folder);
  return `no running master has a device "${name}"; ${didYouMean(name, known)}`;
}

interface Order extends Found {
  readonly command: string;
  readonly args: readonly string[];
}

async function carryOut(order: Order, options: CallOptions, terminal: Terminal): Promise<ExitCode> {
  const { client, device, command } = order;
  const invalid = (reason: string): ExitCode => {
    terminal.err(`${reason}\nNothing was sent.`);
    return EXIT.invalid;
  };
  const known = Object.hasOwn(device.commands, command) ? device.commands[command] : undefined;
  if (!known) {
    const hint = didYouMean(command, Object.keys(device.commands));
    return invalid(`${device.device} has no command "${command}"; ${hint}`);
  }
  const args = parseArgs(order.args, known);
  if (!args.ok) return invalid(args.failure);
  if (parseDuration(options.ttl) === undefined)
    return invalid(`--ttl "${options.ttl}" is no duration; write 500ms, 2s`);
  const id = options.id ?? `cli-${process.pid}-${Math.round(options.clock.wall())}`;
  const asked = { ttl: options.ttl, ...(options.by === undefined ? {} : { by: options.by }) };
  const armed = `${id}-arm`;
  if (options.arm) {
    const arming = { device: device.device, kind: "arm", payload: { id: armed, command, ...asked } } as const;
    const outcome = outcomeOf(await client.ask({ ask: arming }, LONGEST_CALL));
    if (outcome.outcome !== "acknowledged") return tell(outcome, options, terminal);
  }
  const payload = { id, call: command, args: args.value, ...(options.arm ? { armed } : {}), ...asked };
  const reply = await client.ask({ ask: { device: device.device, kind: "call", payload } }, LONGEST_CALL);
  return tell(outcomeOf(reply), options, terminal);
}

type Reply = Awaited<ReturnType<ControlClient["ask"]>>;

/** A master that is lost on the way leaves nobody who knows. */
function outcomeOf(reply: Reply): Outcome {
  const nothing = { results: {}, ms: 0 };
  if (!reply.ok) return { ...nothing, outcome: "unknown", reason: `the master is gone: ${reply.failure.reason}` };
  const { value }: { readonly value: ControlReply } = reply;
  if ("error" in value) return { ...nothing, outcome: "rejected", reason: value.error };
  // our own master: its outcome has this shape
  return "outcome" in value ? (value.outcome as Outcome) : { ...nothing, outcome: "unknown", reason: "another reply" };
}

function tell(outcome: Outcome, { json }: CallOptions, terminal: Terminal): ExitCode {
  terminal.out(json ? JSON.stringify(outcome) : outcomeText(outcome));
  switch (outcome.outcome) {
    case "verified":
    case "acknowledged":
      return EXIT.done;
    case "expired":
    case "unknown":
      return EXIT.noAnswer;
    default:
      return EXIT.refused;
  }
}
