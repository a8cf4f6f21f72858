import type { CommandResult, SetCommand } from "../command/command.ts";
import { sameSet } from "../command/same-set.ts";
import type { Tag } from "../device/tag.ts";
import { type Instant, type Ms, ms, plus, type WallTime } from "../kit/time.ts";
import type { ServiceRequest } from "../link/messages.ts";
import type { Publication, Received } from "./broker.ts";
import { type BadRequest, type Lifetime, parseService, parseSet } from "./command-payload.ts";
import { rejectionPayload, resultPayload, shortenedResultPayload } from "./result-payload.ts";
import type { RequestTopic, Topics } from "./topics.ts";

/** Where a command goes; false: the scan is not listening, nothing was sent. */
export interface CommandOutlet {
  command(command: SetCommand): boolean;
  service(service: ServiceRequest): boolean;
}

export interface CommandDeskOptions {
  readonly topics: Topics;
  /** Tags by device. */
  readonly devices: ReadonlyMap<string, ReadonlyMap<string, Tag>>;
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
  readonly command: SetCommand;
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
    return request.request === "set" ? this.#set(message, request, at) : this.#service(message, request, at);
  }

  /** The answers an outcome makes due; one on the device's own topic where nobody here asked (an office before us). */
  result(result: CommandResult): readonly Publication[] {
    const key = keyOf(result);
    return this.#givenUp.delete(key) ? [] : this.#tell(result);
  }

  #tell(result: CommandResult): readonly Publication[] {
    const key = keyOf(result);
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
      this.#giveUp(keyOf(command));
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

  #set(message: Received, { device }: RequestTopic, { now, wall }: ReceivedAt): DeskReply {
    const tags = this.#options.devices.get(device);
    const parsed = parseSet(message.payload, tags ?? new Map());
    if (!parsed.ok) return this.#bad(message, device, parsed.failure);
    const { id, set } = parsed.value;
    const refuse = (reason: string): DeskReply => this.#bad(message, device, { id, reason });
    if (!tags) return refuse(`unknown device "${device}"`);
    if (message.retained) return refuse("a retained command: it would be carried out again after every restart");
    const key = keyOf({ id, device });
    const asker = this.#asker(message, device, id);
    const twin = this.#unanswered.get(key);
    if (twin && !sameSet(twin.command.set, set)) return refuse(`id "${id}" is under way with other content; ${NEW_ID}`);
    if (twin) return twin.askers.length < ASKERS_LIMIT ? join(twin, asker) : refuse("busy: asked too often");
    if (this.#unanswered.size + this.#options.untold() >= UNANSWERED_LIMIT)
      return refuse("busy: too many commands without an outcome");
    const lifetime = lifetimeOf(parsed.value, message, wall);
    const command: SetCommand = { id, device, set, ttl: lifetime, receivedAt: now, origin: ORIGIN };
    if (!this.#options.outlet.command(command)) return refuse("busy: the scan does not answer");
    this.#givenUp.delete(key);
    this.#unanswered.set(key, { command, overdue: overdueAt(now, lifetime, set, tags), askers: [asker] });
    return NOTHING;
  }

  #service(message: Received, { device }: RequestTopic, { now, wall }: ReceivedAt): DeskReply {
    const parsed = parseService(message.payload);
    if (!parsed.ok) return this.#bad(message, device, parsed.failure);
    const { id, enabled } = parsed.value;
    const refuse = (reason: string): DeskReply => this.#bad(message, device, { id, reason });
    if (!this.#options.devices.has(device)) return refuse(`unknown device "${device}"`);
    if (message.retained) return refuse("a retained command: it would be carried out again after every restart");
    const lifetime = lifetimeOf(parsed.value, message, wall);
    if (lifetime <= 0) return refuse("expired: it came after the time it was meant for");
    const sendBy = plus(now, lifetime);
    if (!this.#options.outlet.service({ device, enabled, origin: ORIGIN, sendBy }))
      return refuse("busy: the scan does not answer");
    return NOTHING;
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
    return result !== undefined && this.#unanswered.has(keyOf(result));
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

function keyOf({ id, device }: Pick<SetCommand, "id" | "device">): string {
  return `${device}/${id}`;
}

/** How long a request may still wait: its time to live, its `notAfter` or its message's expiry, whichever ends first. */
function lifetimeOf({ ttl, notAfter }: Lifetime, { expiry }: Received, wall: WallTime): Ms {
  return ms(Math.min(ttl, (expiry ?? Infinity) * 1000, (notAfter ?? Infinity) - wall));
}

/** The writes of a command go one after the other, and each may take as long as its profile lets its effect take. */
function overdueAt(now: Instant, ttl: Ms, set: SetCommand["set"], tags: ReadonlyMap<string, Tag>): Instant {
  const effects = set.reduce((sum, [name]) => sum + effectTime(tags.get(name)), 0);
  return plus(now, ms(Math.max(0, ttl) + effects + OUTCOME_OVERDUE));
}

function effectTime(tag: Tag | undefined): number {
  if (!tag?.write) return 0;
  const { verify, ramp, range } = tag.write;
  const moving = ramp && range ? ((range.max - range.min) / ramp) * 1000 : 0;
  return moving + ("within" in verify ? verify.within : 0);
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
