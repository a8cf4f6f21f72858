import { type AcknowledgeRequest, GATEWAY } from "../../alarm/alarm-status.ts";
import { type Asked, type Command, commandKey, type CommandResult } from "../../command/command.ts";
import { sameCommand } from "../../command/same-command.ts";
import { commandTime } from "../../device/command-time.ts";
import { didYouMean } from "../../device/did-you-mean.ts";
import { effectTime } from "../../device/effect-time.ts";
import type { Device } from "../../device/profile.ts";
import { type Claim, roleNamed } from "../../device/role.ts";
import type { Tag } from "../../device/tag.ts";
import { type Instant, ms, plus, type WallTime } from "../../kit/time.ts";
import type { Result } from "../../kit/result.ts";
import type { CancelRequest, ServiceRequest } from "../../link/messages.ts";
import type { Publication, Received } from "../broker/broker.ts";
import {
  type BadRequest,
  idOf,
  parseAck,
  parseArm,
  parseCall,
  parseCancel,
  parseService,
  parseSet,
} from "./command-payload.ts";
import { type Lifetime, lifetimeOf } from "./lifetime.ts";
import { rejectionPayload, resultPayload, shortenedResultPayload } from "./result-payload.ts";
import { RETAINED_COMMAND, SCAN_SILENT, TOO_LATE } from "../rejections.ts";
import { REQUESTS, type RequestTopic, type Topics } from "../topics.ts";

/** Where a command goes; false: the scan is not listening, nothing was sent. */
export interface CommandOutlet {
  command(command: Command): boolean;
  cancel(cancel: CancelRequest): boolean;
  service(service: ServiceRequest): boolean;
  acknowledge(request: AcknowledgeRequest): boolean;
}

export interface CommandDeskOptions {
  readonly topics: Topics;
  readonly devices: ReadonlyMap<string, Pick<Device, "tags" | "profile">>;
  readonly outlet: CommandOutlet;
  /** Outcomes that wait for the broker. */
  readonly untold: () => number;
}

/** When a request was read. */
export interface ReceivedAt {
  readonly now: Instant;
  readonly wall: WallTime;
}

/** What a request leads to at once. */
export interface DeskReply {
  readonly rejection: Publication | undefined;
  /** For `_gw/event`: a request nobody could be told about by its id. */
  readonly event: { readonly event: string; readonly reason: string } | undefined;
}

/** Commands whose outcome is open or untold; with so many, one more is rejected. So outcomes never have to be dropped. */
const UNANSWERED_LIMIT = 256;
/** Askers that may wait for one command. */
const ASKERS_LIMIT = 8;
/** The scan ends every command; should it not, the asker is told "unknown" so long after its time to live. */
const OUTCOME_OVERDUE = ms(60_000);

const GIVEN_UP_LIMIT = 1024;

const NEW_ID = "take a new id for every command";
const ORIGIN = "mqtt";
const NOT_BEGUN = { outcome: "rejected", reason: "the master stopped before it was begun" } as const;
const SCAN_GONE = { outcome: "unknown", reason: "the scan is gone" } as const;
const NOTHING: DeskReply = { rejection: undefined, event: undefined };

interface Asker {
  readonly topic: string;
  readonly correlationData: Uint8Array | undefined;
}

interface Unanswered {
  readonly command: Command;
  readonly overdue: Instant;
  readonly askers: Asker[];
}

/** Takes what is asked over MQTT, hands it to the scan, and knows who is to hear the outcome. */
export class CommandDesk {
  readonly #options: CommandDeskOptions;
  readonly #unanswered = new Map<string, Unanswered>();
  /** Commands answered as unknown because their outcome was overdue: should it still come, it is not told. */
  readonly #givenUp = new Set<string>();

  constructor(options: CommandDeskOptions) {
    this.#options = options;
  }

  /** Works off one message; a topic that is no request gives nothing. */
  received(message: Received, at: ReceivedAt): DeskReply {
    const request = this.#options.topics.parseRequest(message.topic);
    if (!request || message.payload.length === 0) return NOTHING;
    const { device } = request;
    const role = request.role === undefined ? undefined : roleNamed(request.role);
    if (role && !role.ok) return this.#bad(message, device, { id: idOf(message.payload), reason: role.failure });
    const asked = { device, origin: ORIGIN, ...(role && { role: role.value }) };
    switch (request.request) {
      case "set": {
        const tags = this.#options.devices.get(device)?.tags ?? new Map<string, Tag>();
        return this.#command(message, asked, at, parseSet(message.payload, tags));
      }
      case "call":
        return this.#command(message, asked, at, parseCall(message.payload));
      case "arm":
        return this.#command(message, asked, at, parseArm(message.payload));
      case "cancel":
        return this.#cancel(message, asked);
      case "service":
        return this.#service(message, asked, at);
      case "ack":
        return this.#acknowledge(message, asked, at);
      default:
        return this.#unknown(message, request);
    }
  }

  /** The answers an outcome makes due; one on the device's own topic where nobody here asked (an office before us). */
  result(result: CommandResult): readonly Publication[] {
    const key = commandKey(result);
    return this.#givenUp.delete(key) ? [] : this.#tell(result);
  }

  #tell(result: CommandResult): readonly Publication[] {
    const key = commandKey(result);
    const askers = this.#unanswered.get(key)?.askers ?? [this.#ownAsker(result.device, result.id)];
    this.#unanswered.delete(key);
    const payload = resultPayload(result);
    const shortened = shortenedResultPayload(result);
    return askers.map((asker) => ({ ...answer(asker, payload), shortened }));
  }

  /** Answers for commands whose outcome never came. */
  overdue(now: Instant): readonly Publication[] {
    const late = [...this.#unanswered.values()].filter((entry) => now >= entry.overdue);
    return late.flatMap(({ command }) => {
      this.#giveUp(commandKey(command));
      const took = ms(now - command.receivedAt);
      const { id, device } = command;
      return this.#tell({ id, device, outcome: "unknown", reason: "the scan gave no outcome", results: {}, took });
    });
  }

  /**
   * Answers for commands that have none when the scan's last word has been heard. `orderly`: it answered all that it took,
   * so these it never took; else nobody knows what became of them.
   */
  abandoned(now: Instant, orderly: boolean): readonly Publication[] {
    return [...this.#unanswered.values()].flatMap(({ command: { id, device, receivedAt } }) => {
      const took = ms(now - receivedAt);
      const end = orderly ? NOT_BEGUN : SCAN_GONE;
      return this.#tell({ id, device, ...end, results: {}, took });
    });
  }

  #giveUp(key: string): void {
    this.#givenUp.add(key);
    const [oldest] = this.#givenUp;
    if (this.#givenUp.size > GIVEN_UP_LIMIT && oldest !== undefined) this.#givenUp.delete(oldest);
  }

  #command(
    message: Received,
    asked: AskedOf,
    { now, wall }: ReceivedAt,
    parsed: Result<ParsedCommand, BadRequest>,
  ): DeskReply {
    const { device } = asked;
    const known = this.#options.devices.get(device);
    if (!parsed.ok) return this.#bad(message, device, parsed.failure);
    const { ttl: given, notAfter, ...rest } = parsed.value;
    const { id } = rest;
    const refuse = (reason: string): DeskReply => this.#bad(message, device, { id, reason });
    if (!known) return refuse(`unknown device "${device}"`);
    if (message.retained) return refuse(RETAINED_COMMAND);
    const key = commandKey({ id, device });
    const asker = this.#asker(message, device, id);
    const twin = this.#unanswered.get(key);
    const ttl = lifetimeOf({ ttl: given, notAfter }, message, wall);
    const command: Command = { ...rest, ...asked, ttl, receivedAt: now };
    if (twin && !sameCommand(twin.command, command))
      return refuse(`id "${id}" is under way with other content; ${NEW_ID}`);
    if (twin) return twin.askers.length < ASKERS_LIMIT ? join(twin, asker) : refuse("busy: asked too often");
    if (this.#unanswered.size + this.#options.untold() >= UNANSWERED_LIMIT)
      return refuse("busy: too many commands without an outcome");
    if (!this.#options.outlet.command(command)) return refuse(SCAN_SILENT);
    this.#givenUp.delete(key);
    this.#unanswered.set(key, { command, overdue: overdueAt(command, known), askers: [asker] });
    return NOTHING;
  }

  #unknown(message: Received, { device, request }: RequestTopic): DeskReply {
    const reason = `unknown request cmd/${request}; ${didYouMean(request, REQUESTS)}`;
    return this.#bad(message, device, { id: idOf(message.payload), reason });
  }

  /** Its answer is the outcome of what it ends. */
  #cancel(message: Received, asked: AskedOf): DeskReply {
    const { device } = asked;
    const parsed = parseCancel(message.payload);
    // On the topic of the id it names a rejection would pass for the outcome of that.
    const refuse = (reason: string): DeskReply => this.#bad(message, device, { id: undefined, reason });
    if (!parsed.ok) return refuse(parsed.failure.reason);
    const { id } = parsed.value;
    const running = this.#unanswered.get(commandKey({ id, device }));
    if (message.retained) return refuse(RETAINED_COMMAND);
    if (!running) return refuse(`nothing is under way with the id "${id}"`);
    if (!this.#options.outlet.cancel({ ...asked, id })) return refuse(SCAN_SILENT);
    return running.askers.length < ASKERS_LIMIT ? join(running, this.#asker(message, device, id)) : NOTHING;
  }

  #service(message: Received, asked: AskedOf, { now, wall }: ReceivedAt): DeskReply {
    const { device } = asked;
    const parsed = parseService(message.payload);
    if (!parsed.ok) return this.#bad(message, device, parsed.failure);
    const { id, enabled } = parsed.value;
    const refuse = (reason: string): DeskReply => this.#bad(message, device, { id, reason });
    if (!this.#options.devices.has(device)) return refuse(`unknown device "${device}"`);
    if (message.retained) return refuse(RETAINED_COMMAND);
    const lifetime = lifetimeOf(parsed.value, message, wall);
    if (lifetime <= 0) return refuse(TOO_LATE);
    const sendBy = plus(now, lifetime);
    if (!this.#options.outlet.service({ ...asked, enabled, sendBy })) return refuse(SCAN_SILENT);
    return NOTHING;
  }

  /** Its answer is the list of alarms. */
  #acknowledge(message: Received, asked: AskedOf, { now, wall }: ReceivedAt): DeskReply {
    const { device } = asked;
    const parsed = parseAck(message.payload);
    if (!parsed.ok) return this.#bad(message, device, parsed.failure);
    const { id, alarms, by } = parsed.value;
    const refuse = (reason: string): DeskReply => this.#bad(message, device, { id, reason });
    const known = this.#options.devices.get(device);
    if (!known && device !== GATEWAY) return refuse(`unknown device "${device}"`);
    const unknown = known && alarms?.find((alarm) => !known.profile.alarms.has(alarm));
    if (unknown !== undefined) return refuse(`unknown alarm "${unknown.slice(0, 64)}" of ${device}`);
    if (message.retained) return refuse("a retained acknowledgement: it would acknowledge what nobody has seen");
    const lifetime = lifetimeOf(parsed.value, message, wall);
    if (lifetime <= 0) return refuse(TOO_LATE);
    const request = { ...asked, alarms, by, sendBy: plus(now, lifetime) };
    return this.#options.outlet.acknowledge(request) ? NOTHING : refuse(SCAN_SILENT);
  }

  /**
   * Whoever can be told is told; without an id there is no topic of ours to tell it on, and none where the outcome of a
   * command under way is awaited: a rejection there would pass for it.
   */
  #bad(message: Received, device: string, { id, reason }: BadRequest): DeskReply {
    const asker =
      id !== undefined && this.#isSafe(device) ? this.#asker(message, device, id) : this.#givenAsker(message);
    if (!asker || this.#isAwaited(asker.topic))
      return { rejection: undefined, event: { event: "command.bad", reason } };
    const rejection = answer(asker, rejectionPayload(id, reason));
    return { rejection, event: id === undefined ? { event: "command.bad", reason } : undefined };
  }

  #isAwaited(topic: string): boolean {
    const result = this.#options.topics.parseResult(topic);
    return result !== undefined && this.#unanswered.has(commandKey(result));
  }

  /** A device name of the plant, or one that cannot be mistaken for another level of our topics. */
  #isSafe(device: string): boolean {
    return this.#options.devices.has(device) || /^[A-Za-z0-9][\w.-]{0,63}$/.test(device);
  }

  #asker(message: Received, device: string, id: string): Asker {
    return this.#givenAsker(message) ?? this.#ownAsker(device, id);
  }

  #givenAsker({ responseTopic, correlationData }: Received): Asker | undefined {
    if (responseTopic === undefined || !this.#options.topics.mayAnswerTo(responseTopic)) return undefined;
    return { topic: responseTopic, correlationData };
  }

  #ownAsker(device: string, id: string): Asker {
    return { topic: this.#options.topics.result(device, id), correlationData: undefined };
  }
}

/** What the topic says of a request. */
type AskedOf = Claim & { readonly device: string };

/** A command as its payload gives it. */
type ParsedCommand = WithoutPlace<Command> & Lifetime;

/** What the payload does not say. */
type WithoutPlace<C> = C extends Asked ? Omit<C, "device" | "ttl" | "receivedAt" | "origin" | "role"> : never;

/** The writes of a command go one after the other, and each may take as long as its profile lets its effect take. */
function overdueAt(command: Command, device: Pick<Device, "tags" | "profile">): Instant {
  return plus(command.receivedAt, ms(Math.max(0, command.ttl) + longest(command, device) + OUTCOME_OVERDUE));
}

function longest(command: Command, { tags, profile }: Pick<Device, "tags" | "profile">): number {
  if ("arm" in command) return 0;
  if ("call" in command) {
    const called = profile.commands.get(command.call);
    return called ? commandTime(called, tags) : 0;
  }
  return command.set.reduce((sum, [name]) => {
    const rule = tags.get(name)?.write;
    return sum + (rule ? effectTime(rule) : 0);
  }, 0);
}

/** A command that is under way already is not sent twice: whoever asks again hears the outcome too. */
function join(twin: Unanswered, asker: Asker): DeskReply {
  const known = twin.askers.some(({ topic, correlationData }) => topic === asker.topic && !correlationData);
  if (!known || asker.correlationData) twin.askers.push(asker);
  return NOTHING;
}

function answer({ topic, correlationData }: Asker, payload: string): Publication {
  return { topic, payload, qos: 1, retain: false, owed: "outcome", ...(correlationData && { correlationData }) };
}
