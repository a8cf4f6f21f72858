import type { AlarmStatus } from "../../alarm/alarm-status.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import { BoundedQueue } from "../../kit/bounded-queue.ts";
import type { Clock } from "../../kit/clock.ts";
import { ms } from "../../kit/time.ts";
import type { PlantEvent, PlantStatistics } from "../../link/messages.ts";
import { alarmsPayload } from "./alarms-payload.ts";
import type { Publication } from "../broker/broker.ts";
import type { Outbox, OutboxEntry } from "../../store/outbox.ts";
import type { Discovery } from "../home-assistant/discovery.ts";
import type { DevicePublisher, Stamp } from "./device-publisher.ts";
import { type BridgeCounters, deviceStatusPayload, eventPayload, statsPayload } from "../gateway-payload.ts";
import { metaPayload } from "./meta-payload.ts";
import type { PlantPicture } from "../plant-picture.ts";
import type { PublicationSource } from "../broker/publish-window.ts";
import type { StoredMessage } from "../stored-message.ts";
import type { Topics } from "../topics.ts";
import { valueJson } from "../value-json.ts";

export interface DueOptions {
  readonly topics: Topics;
  readonly tags: readonly TagEntry[];
  readonly picture: PlantPicture;
  /** Publish every tag as a bare value too. */
  readonly bareTags: boolean;
  readonly clock: Clock;
  readonly counters: () => BridgeCounters;
  /** Keeps data and events until the broker has them; undefined: what it misses is lost. */
  readonly outbox?: Outbox | undefined;
  /** What Home Assistant is told; hears what of it the broker has. */
  readonly discovery?: Discovery | undefined;
  /** Hears of what the broker does not take because of its size. */
  readonly tooLarge: (publication: Publication) => void;
}

/**
 * Outcomes that may wait for the broker. Never reached: no command is accepted while too many outcomes wait
 * (command-desk), and an office before this one left no more than the link kept.
 */
const OUTCOMES_LIMIT = 8192;
/** Rejections that may wait; of a flood of bad requests those beyond are not answered. */
const REJECTIONS_LIMIT = 1024;
const EVENTS_LIMIT = 256;
const JOBS_LIMIT = 1024;

/**
 * What is due to be published. Of devices it is remembered that they have something to tell, not what: the text is made
 * when the broker takes it, from what is then newest. So nothing here grows beyond the plant and the limits above.
 */
export class DuePublications implements PublicationSource {
  readonly statuses = new Set<DevicePublisher>();
  readonly metas = new Set<DevicePublisher>();
  readonly states = new Set<DevicePublisher>();
  readonly data = new Set<DevicePublisher>();
  /** Lists that changed, the newest of each device. */
  readonly alarms = new Map<string, readonly AlarmStatus[]>();
  readonly outcomes = new BoundedQueue<Publication>({ limit: OUTCOMES_LIMIT, whenFull: "refuse" });
  readonly rejections = new BoundedQueue<Publication>({ limit: REJECTIONS_LIMIT, whenFull: "refuse" });
  /** Changes of jobs. */
  readonly jobs = new BoundedQueue<Publication>({ limit: JOBS_LIMIT, whenFull: "dropOldest" });
  /** How pools stand, the newest of each by its topic. */
  readonly pools = new Map<string, Publication>();
  readonly events = new BoundedQueue<PlantEvent>({ limit: EVENTS_LIMIT, whenFull: "dropOldest" });
  /** Status and info of the gateway, the newest of each. */
  gateway: readonly Publication[] = [];
  stats: PlantStatistics | undefined;
  readonly #options: DueOptions;
  /** What Home Assistant has not been told yet. */
  #discoveries: readonly Publication[] = [];
  readonly #bare = new Set<number>();
  #ended = false;
  /** Published already, but the connection broke: no more than were in flight. */
  #again: readonly Publication[] = [];
  /** What of the outbox is on its way. */
  #kept = new WeakMap<Publication, OutboxEntry>();

  constructor(options: DueOptions) {
    this.#options = options;
  }

  get dropped(): number {
    return this.outcomes.dropped + this.jobs.dropped + this.events.dropped;
  }

  /** The broker is there (again): every tag's bare value is due, where they are wanted, and what Home Assistant is told. */
  tellAnew(): void {
    this.#discoveries = this.#options.discovery?.publications() ?? [];
    if (this.#options.bareTags) for (const { index } of this.#options.tags) this.#bare.add(index);
  }

  /** Nobody looks after the bare values from now on: each becomes `null`, for they have no quality to say so. */
  endBareTags(): void {
    this.#ended = true;
    if (this.#options.bareTags) for (const { index } of this.#options.tags) this.#bare.add(index);
  }

  /** Takes the most important out. States come before data: their number is limited by their interval. */
  next(): Publication | undefined {
    return (
      this.#nextAgain() ??
      this.outcomes.shift() ??
      this.#nextGateway() ??
      this.#nextStatus() ??
      this.#nextMeta() ??
      this.#nextAlarms() ??
      this.rejections.shift() ??
      this.jobs.shift() ??
      this.#nextEvent() ??
      this.#nextPool() ??
      this.#nextStats() ??
      this.#nextState() ??
      this.#nextDiscovery() ??
      this.#nextData() ??
      this.#nextBare() ??
      this.#nextStored()
    );
  }

  /** What is not owed, the next `state` and the next connection tell anew. */
  putBack(publications: readonly Publication[]): void {
    this.#again = [...publications.filter((each) => each.owed && !this.#kept.has(each)), ...this.#again];
    this.#kept = new WeakMap();
    this.#options.outbox?.disconnected();
  }

  settled(publication: Publication): void {
    this.#options.discovery?.settled(publication);
    publication.settled?.();
    const entry = this.#kept.get(publication);
    this.#kept.delete(publication);
    if (entry) this.#options.outbox?.acknowledged(entry);
  }

  /** Puts what the device has to tell into the outbox: nobody is there, or the broker is slow. False: there is none. */
  keepData(publisher: DevicePublisher): boolean {
    const { outbox } = this.#options;
    if (!outbox) return false;
    if (publisher.dataDue) outbox.keep(this.#dataOf(publisher));
    return true;
  }

  /** Puts the events that wait into the outbox: nobody is there. */
  keepEvents(): void {
    const { outbox } = this.#options;
    if (outbox) for (const event of this.events.drain()) outbox.keep(this.#eventOf(event));
  }

  /** Outcomes that the broker has not been given, oldest first; they stay due. */
  get untold(): readonly Publication[] {
    return [...this.#again, ...this.outcomes, ...this.rejections].filter(isOutcome);
  }

  tooLarge(publication: Publication): void {
    this.settled(publication);
    this.#options.tooLarge(publication);
  }

  #nextAgain(): Publication | undefined {
    const [first, ...rest] = this.#again;
    this.#again = rest;
    return first;
  }

  #nextGateway(): Publication | undefined {
    const [first, ...rest] = this.gateway;
    this.gateway = rest;
    return first;
  }

  #nextDiscovery(): Publication | undefined {
    const [first, ...rest] = this.#discoveries;
    this.#discoveries = rest;
    return first;
  }

  #nextStatus(): Publication | undefined {
    const publisher = takeFirst(this.statuses);
    if (!publisher?.status) return undefined;
    const payload = deviceStatusPayload(publisher.status, this.#options.clock.wall(), this.#stamp().wallOffset);
    return retained(this.#topic(publisher, "status"), payload);
  }

  #nextMeta(): Publication | undefined {
    const publisher = takeFirst(this.metas);
    return publisher && retained(this.#topic(publisher, "meta"), metaPayload(publisher.device));
  }

  #nextAlarms(): Publication | undefined {
    for (const [device, alarms] of this.alarms) {
      this.alarms.delete(device);
      const payload = alarmsPayload(alarms, this.#options.clock.wall());
      return retained(this.#options.topics.device(device, "alarms"), payload);
    }
    return undefined;
  }

  #nextPool(): Publication | undefined {
    const [first] = this.pools.values();
    if (first) this.pools.delete(first.topic);
    return first;
  }

  #nextEvent(): Publication | undefined {
    const event = this.events.shift();
    return event && this.#live(this.#eventOf(event));
  }

  #nextStats(): Publication | undefined {
    const { topics, clock, counters } = this.#options;
    const stats = this.stats;
    this.stats = undefined;
    return stats && live(topics.gateway("stats"), statsPayload(stats, counters(), clock.wall()));
  }

  #nextState(): Publication | undefined {
    const publisher = takeFirst(this.states);
    return publisher && retained(this.#topic(publisher, "state"), publisher.takeState(this.#stamp()));
  }

  #nextData(): Publication | undefined {
    for (let publisher = takeFirst(this.data); publisher; publisher = takeFirst(this.data)) {
      if (!publisher.dataDue) continue;
      return this.#live(this.#dataOf(publisher));
    }
    return undefined;
  }

  #nextBare(): Publication | undefined {
    const { tags, topics, picture } = this.#options;
    const entry = tags[takeFirst(this.#bare) ?? -1];
    if (!entry) return undefined;
    const { value, quality } = picture.sample(entry.index);
    const payload = valueJson(quality === "good" && !this.#ended ? value : null);
    return { topic: topics.tag(entry.device.name, entry.tag.name), payload, qos: 0, retain: true };
  }

  /** Only when there is nothing newer to tell. */
  #nextStored(): Publication | undefined {
    const entry = this.#options.outbox?.next();
    if (!entry) return undefined;
    const publication = this.#publicationOf(entry.value as StoredMessage, "hist"); // nobody else fills this outbox
    this.#kept.set(publication, entry);
    return publication;
  }

  #live(message: StoredMessage): Publication {
    const publication = this.#publicationOf(message, "data");
    const entry = this.#options.outbox?.live(message);
    if (entry) this.#kept.set(publication, entry);
    return publication;
  }

  #publicationOf(message: StoredMessage, leaf: "data" | "hist"): Publication {
    const { topics } = this.#options;
    return "event" in message
      ? { ...live(topics.gateway("event"), message.event), owed: "event" }
      : live(topics.device(message.device, leaf), message.data);
  }

  #dataOf(publisher: DevicePublisher): StoredMessage {
    if (this.#options.bareTags) for (const tag of publisher.pending) this.#bare.add(tag);
    return { device: publisher.device.name, data: publisher.takeData(this.#stamp()) };
  }

  #eventOf(event: PlantEvent): StoredMessage {
    return { event: eventPayload(event, this.#stamp().wallOffset) };
  }

  #topic({ device }: DevicePublisher, leaf: "status" | "meta" | "state"): string {
    return this.#options.topics.device(device.name, leaf);
  }

  #stamp(): Stamp {
    const now = this.#options.clock.now();
    return { now, wallOffset: ms(this.#options.clock.wall() - now) };
  }
}

/** Somebody asked, and this is the answer. */
export function isOutcome({ owed }: Publication): boolean {
  return owed === "outcome";
}

export function retained(topic: string, payload: string): Publication {
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
