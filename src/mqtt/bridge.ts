import type { CommandResult } from "../command/command.ts";
import type { DeviceStatus } from "../device/device-status.ts";
import type { Device } from "../device/profile.ts";
import { tagTable, type TagEntry } from "../device/tag-table.ts";
import { BoundedQueue } from "../kit/bounded-queue.ts";
import type { Clock, Timer } from "../kit/clock.ts";
import type { Logger } from "../kit/logger.ts";
import { invariant } from "../kit/invariant.ts";
import { type Instant, type Ms, ms } from "../kit/time.ts";
import type { PlantEvent, PlantStatistics, SampleBatch } from "../link/messages.ts";
import type { Broker, BrokerState, Publication, Received } from "./broker.ts";
import { CommandDesk, type CommandOutlet } from "./command-desk.ts";
import { type DeviceShared, DevicePublisher, type PublishIntervals, type Stamp } from "./device-publisher.ts";
import {
  type BridgeCounters,
  deviceStatusPayload,
  eventPayload,
  gatewayInfoPayload,
  type GatewayIdentity,
  gatewayStatusPayload,
  statsPayload,
} from "./gateway-payload.ts";
import { metaPayload } from "./meta-payload.ts";
import { PlantPicture } from "./plant-picture.ts";
import { type Topics, topicsUnder } from "./topics.ts";
import { valueJson } from "./value-json.ts";

export interface BridgeOptions {
  /** Of every topic: `takt/<gateway>`. */
  readonly root: string;
  readonly identity: GatewayIdentity;
  /** In the order of the plant. */
  readonly devices: readonly Device[];
  readonly intervals: PublishIntervals;
  /** Publish every tag as a bare value too, under `<device>/tag/<tag>`. */
  readonly bareTags: boolean;
}

export interface BridgeDependencies {
  readonly broker: Broker;
  readonly outlet: CommandOutlet;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often deferred changes and intervals are looked after. */
const TICK = ms(50);
/** Answers that may wait for the broker. Commands without an outcome are bounded, so this is for bad requests. */
const ANSWERS_LIMIT = 1024;
const EVENTS_LIMIT = 256;
/** Reasons worth a line while the broker is away. */
const LOGGED_REASONS = 8;

/**
 * The JSON bridge: the plant on one side, a broker that may be away or slow on the other. Nothing is queued without
 * bound: what is due is remembered, not its text, and made when the broker takes it.
 */
export class Bridge {
  readonly topics: Topics;
  readonly #options: BridgeOptions;
  readonly #broker: Broker;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #desk: CommandDesk;
  readonly #picture: PlantPicture;
  readonly #tags: readonly TagEntry[];
  readonly #keys: readonly string[];
  readonly #publishers = new Map<string, DevicePublisher>();
  readonly #statusDue = new Set<DevicePublisher>();
  readonly #metaDue = new Set<DevicePublisher>();
  readonly #stateDue = new Set<DevicePublisher>();
  readonly #dataDue = new Set<DevicePublisher>();
  readonly #bareDue = new Set<number>();
  readonly #gatewayDue: Publication[] = [];
  readonly #answers = new BoundedQueue<Publication>({ limit: ANSWERS_LIMIT, whenFull: "dropOldest" });
  readonly #events = new BoundedQueue<PlantEvent>({ limit: EVENTS_LIMIT, whenFull: "dropOldest" });
  readonly #closers: (() => void)[] = [];
  #stats: PlantStatistics | undefined;
  #ticker: Timer | undefined;
  #window = 0;
  #inFlight = 0;
  #published = 0;
  #refused = 0;
  #coalesced = 0;
  #dropped = 0;
  #connects = 0;
  /** Called when nothing is due or in flight any more. */
  #idle: (() => void) | undefined;
  readonly #loggedReasons = new Set<string>();

  constructor(options: BridgeOptions, { broker, outlet, clock, logger }: BridgeDependencies) {
    this.#options = options;
    this.#broker = broker;
    this.#clock = clock;
    this.#logger = logger;
    this.topics = topicsUnder(options.root);
    this.#tags = tagTable(options.devices);
    this.#picture = new PlantPicture(this.#tags.length);
    this.#keys = this.#tags.map(({ tag }) => `${JSON.stringify(tag.name)}:`);
    this.#makePublishers({ picture: this.#picture, keys: this.#keys, intervals: options.intervals });
    const devices = new Map(options.devices.map((device) => [device.name, device.tags]));
    this.#desk = new CommandDesk({ topics: this.topics, devices, outlet });
  }

  start(): void {
    this.#ticker = this.#clock.every("bridge.tick", TICK, () => this.#tick());
    this.#closers.push(this.#broker.changes.on((state) => this.#brokerChanged(state)));
    this.#closers.push(this.#broker.received.on((message) => this.#received(message)));
  }

  counters(): BridgeCounters {
    return {
      published: this.#published,
      refused: this.#refused,
      coalesced: this.#coalesced,
      dropped: this.#dropped + this.#answers.dropped + this.#events.dropped,
      inFlight: this.#inFlight,
      connects: this.#connects,
    };
  }

  blocks(blocks: readonly (readonly number[])[]): void {
    this.#picture.regroup(blocks);
  }

  samples(batch: SampleBatch): void {
    const now = this.#clock.now();
    for (const renewal of batch.renewed) this.#picture.renew(renewal);
    for (const change of batch.samples) {
      const entry = this.#tags[change.tag];
      invariant(entry !== undefined, `tag ${change.tag} is not of this plant`);
      const publisher = this.#publisherOf(entry.device.name);
      this.#picture.apply(change);
      this.#coalesced += publisher.changed(entry, now);
      this.#mark(publisher, now);
    }
    this.#pump();
  }

  device(status: DeviceStatus): void {
    const publisher = this.#publisherOf(status.device);
    const wasAway = publisher.status?.status !== "online" && publisher.status?.status !== "degraded";
    if (wasAway && status.status === "online") publisher.renew();
    publisher.status = status;
    this.#statusDue.add(publisher);
    this.#pump();
  }

  result(result: CommandResult): void {
    for (const answer of this.#desk.result(result)) this.#answers.push(answer);
    this.#pump();
  }

  event(event: PlantEvent): void {
    this.#events.push(event);
    this.#pump();
  }

  stats(stats: PlantStatistics): void {
    this.#stats = stats;
    this.#pump();
  }

  /** The last will, as it would be said now. */
  will(): Publication {
    return this.#gatewayStatus("lost");
  }

  /** Publishes what is due and that we end in order, as far as the broker takes it within `deadline`. */
  async stop(deadline: Ms): Promise<void> {
    this.#ticker?.cancel();
    for (const publisher of this.#publishers.values()) {
      this.#dataDue.add(publisher);
      this.#stateDue.add(publisher);
    }
    const settled = this.#settled(deadline);
    this.#pump();
    await settled;
    await this.#say(this.#gatewayStatus("offline"), deadline);
    for (const close of this.#closers) close();
  }

  #settled(deadline: Ms): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.after("bridge.flush", deadline, resolve);
      this.#idle = () => {
        timer.cancel();
        resolve();
      };
      if (this.#window === 0) this.#idle();
    });
  }

  #say(publication: Publication, deadline: Ms): Promise<void> {
    if (this.#window === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#clock.after("bridge.farewell", deadline, resolve);
      this.#broker.publish(publication, () => {
        timer.cancel();
        resolve();
      });
    });
  }

  #publisherOf(device: string): DevicePublisher {
    const publisher = this.#publishers.get(device);
    invariant(publisher !== undefined, `device ${device} is not of this plant`);
    return publisher;
  }

  #makePublishers(shared: DeviceShared): void {
    for (const device of this.#options.devices) {
      const tags = this.#tags.filter((entry) => entry.device === device);
      this.#publishers.set(device.name, new DevicePublisher(tags, device, shared));
    }
  }

  #brokerChanged(state: BrokerState): void {
    this.#inFlight = 0;
    if (state.state === "down") {
      this.#window = 0;
      this.#logDown(state.reason);
      return;
    }
    this.#loggedReasons.clear();
    this.#connects++;
    this.#window = state.window;
    this.#logger.info("mqtt.up", { version: state.version === 5 ? "5" : "3.1.1" });
    this.#tellAll();
    this.#pump();
  }

  /** A line for every reason, once until the broker is back. */
  #logDown(reason: string): void {
    if (this.#loggedReasons.has(reason) || this.#loggedReasons.size >= LOGGED_REASONS) return;
    this.#loggedReasons.add(reason);
    this.#logger.warn("mqtt.down", { reason });
  }

  #tellAll(): void {
    const now = this.#clock.wall();
    const info = gatewayInfoPayload(this.#options.identity, this.#options.devices, now);
    this.#gatewayDue.length = 0;
    this.#gatewayDue.push(this.#gatewayStatus("online"), retained(this.topics.gateway("info"), info));
    for (const publisher of this.#publishers.values()) {
      publisher.dropData();
      publisher.renew();
      if (publisher.status) this.#statusDue.add(publisher);
      this.#metaDue.add(publisher);
      this.#stateDue.add(publisher);
    }
    if (this.#options.bareTags) for (const { index } of this.#tags) this.#bareDue.add(index);
  }

  #received(message: Received): void {
    const now = this.#clock.now();
    const { answers, event } = this.#desk.received(message, now);
    for (const answer of answers) this.#answers.push(answer);
    if (event)
      this.#events.push({ event: event.event, at: now, fields: { topic: message.topic, reason: event.reason } });
    this.#pump();
  }

  #tick(): void {
    const now = this.#clock.now();
    for (const answer of this.#desk.overdue(now)) this.#answers.push(answer);
    for (const publisher of this.#publishers.values()) {
      publisher.tick(now);
      this.#mark(publisher, now);
    }
    this.#pump();
  }

  /** Notes what of a device is due; while the broker is away, changes are counted and left to the next `state`. */
  #mark(publisher: DevicePublisher, now: Instant): void {
    if (this.#window === 0) {
      this.#dropped += publisher.dropData();
      return;
    }
    if (publisher.dataDue) this.#dataDue.add(publisher);
    if (publisher.stateDue(now)) this.#stateDue.add(publisher);
  }

  /** Hands over what is due as long as the broker keeps up. */
  #pump(): void {
    while (this.#inFlight < this.#window) {
      const publication = this.#next();
      if (!publication) break;
      this.#inFlight++;
      this.#published++;
      this.#broker.publish(publication, (accepted) => {
        this.#inFlight--;
        if (!accepted) this.#refused++;
        this.#pump();
      });
    }
    if (this.#inFlight === 0) this.#idle?.();
  }

  /** The most important of what is due. States come before data: their number is limited by their interval. */
  #next(): Publication | undefined {
    return (
      this.#answers.shift() ??
      this.#gatewayDue.shift() ??
      this.#nextStatus() ??
      this.#nextMeta() ??
      this.#nextEvent() ??
      this.#nextStats() ??
      this.#nextState() ??
      this.#nextData() ??
      this.#nextBare()
    );
  }

  #nextStatus(): Publication | undefined {
    const publisher = takeFirst(this.#statusDue);
    if (!publisher?.status) return undefined;
    const payload = deviceStatusPayload(publisher.status, this.#clock.wall(), this.#stamp().wallOffset);
    return retained(this.topics.device(publisher.device.name, "status"), payload);
  }

  #nextMeta(): Publication | undefined {
    const publisher = takeFirst(this.#metaDue);
    return publisher && retained(this.topics.device(publisher.device.name, "meta"), metaPayload(publisher.device));
  }

  #nextEvent(): Publication | undefined {
    const event = this.#events.shift();
    return event && live(this.topics.gateway("event"), eventPayload(event, this.#stamp().wallOffset));
  }

  #nextStats(): Publication | undefined {
    const stats = this.#stats;
    this.#stats = undefined;
    return stats && live(this.topics.gateway("stats"), statsPayload(stats, this.counters(), this.#clock.wall()));
  }

  #nextState(): Publication | undefined {
    const publisher = takeFirst(this.#stateDue);
    return (
      publisher && retained(this.topics.device(publisher.device.name, "state"), publisher.takeState(this.#stamp()))
    );
  }

  #nextData(): Publication | undefined {
    for (let publisher = takeFirst(this.#dataDue); publisher; publisher = takeFirst(this.#dataDue)) {
      if (!publisher.dataDue) continue;
      if (this.#options.bareTags) for (const tag of publisher.pending) this.#bareDue.add(tag);
      return live(this.topics.device(publisher.device.name, "data"), publisher.takeData(this.#stamp()));
    }
    return undefined;
  }

  #nextBare(): Publication | undefined {
    const index = takeFirst(this.#bareDue);
    const entry = index === undefined ? undefined : this.#tags[index];
    if (!entry) return undefined;
    const payload = valueJson(this.#picture.sample(entry.index).value);
    return { topic: this.topics.tag(entry.device.name, entry.tag.name), payload, qos: 0, retain: true };
  }

  #gatewayStatus(state: "online" | "offline" | "lost"): Publication {
    const payload = gatewayStatusPayload(state, this.#clock.wall(), this.#options.identity.version);
    return retained(this.topics.gateway("status"), payload);
  }

  #stamp(): Stamp {
    const now = this.#clock.now();
    return { now, wallOffset: ms(this.#clock.wall() - now) };
  }
}

function retained(topic: string, payload: string): Publication {
  return { topic, payload, qos: 1, retain: true };
}

function live(topic: string, payload: string): Publication {
  return { topic, payload, qos: 1, retain: false };
}

/** Takes the longest-waiting element out of a set. */
function takeFirst<T>(set: Set<T>): T | undefined {
  for (const element of set) {
    set.delete(element);
    return element;
  }
  return undefined;
}
