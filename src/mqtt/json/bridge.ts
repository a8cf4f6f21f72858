import type { CommandResult } from "../../command/command.ts";
import { type DeviceStatus, isThere } from "../../device/device-status.ts";
import type { Device } from "../../device/profile.ts";
import { tagTable, type TagEntry } from "../../device/tag-table.ts";
import type { EndedJob } from "../../job/job.ts";
import type { JobChange } from "../../job/job-journal.ts";
import type { JobAnswer } from "../../job/job-request.ts";
import type { Clock, Timer } from "../../kit/clock.ts";
import { invariant } from "../../kit/invariant.ts";
import type { Logger } from "../../kit/logger.ts";
import { type Instant, type Ms, ms } from "../../kit/time.ts";
import type { DeviceAlarms, PlantEvent, PlantStatistics, SampleBatch } from "../../link/messages.ts";
import type { Outbox } from "../../store/outbox.ts";
import type { Broker, BrokerState, Publication, Received } from "../broker/broker.ts";
import { packetBytes } from "../broker/broker-limits.ts";
import { CommandDesk, type CommandOutlet } from "./command-desk.ts";
import { DevicePublisher, type PublishIntervals } from "./device-publisher.ts";
import { DuePublications, isOutcome, retained } from "./due-publications.ts";
import {
  type BridgeCounters,
  gatewayInfoPayload,
  type GatewayIdentity,
  gatewayStatusPayload,
} from "../gateway-payload.ts";
import type { Discovery } from "../home-assistant/discovery.ts";
import { JobDesk, type JobOutlet, type RecalledChanges } from "./job-desk.ts";
import { PlantPicture } from "../plant-picture.ts";
import { PublishWindow } from "../broker/publish-window.ts";
import { type TopicOptions, type Topics, topicsUnder } from "../topics.ts";
import { WatchedClock } from "../watched-clock.ts";

export interface BridgeOptions extends TopicOptions {
  /** Of every topic: `takt/<gateway>`. */
  readonly root: string;
  readonly identity: GatewayIdentity;
  /** In the order of the plant. */
  readonly devices: readonly Device[];
  /** Names of devices by pool. */
  readonly pools?: ReadonlyMap<string, readonly string[]>;
  readonly intervals: PublishIntervals;
  /** Publish every tag as a bare value too, under `<device>/tag/<tag>`. */
  readonly bareTags: boolean;
}

export interface BridgeDependencies {
  readonly broker: Broker;
  readonly outlet: CommandOutlet;
  /** Undefined: nobody takes jobs here. */
  readonly jobs?: JobOutlet | undefined;
  /** Undefined: what the broker misses is not kept. */
  readonly outbox?: Outbox | undefined;
  /** Undefined: Home Assistant is told nothing. */
  readonly discovery?: Discovery | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often deferred changes and intervals are looked after. */
const TICK = ms(50);
/** Reasons worth a line while the broker is away. */
const LOGGED_REASONS = 8;
/** Topics worth a line because the broker does not take what is published there. */
const LOGGED_TOPICS = 256;

/** The JSON bridge: the plant on one side, a broker that may be away or slow on the other (docs/mqtt.md). */
export class Bridge {
  readonly #topics: Topics;
  readonly #options: BridgeOptions;
  readonly #broker: Broker;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #desk: CommandDesk;
  readonly #jobs: JobDesk | undefined;
  readonly #picture: PlantPicture;
  readonly #tags: readonly TagEntry[];
  readonly #publishers: ReadonlyMap<string, DevicePublisher>;
  readonly #due: DuePublications;
  readonly #window: PublishWindow;
  readonly #outbox: Outbox | undefined;
  readonly #closers: (() => void)[] = [];
  /** Of every device, as they were told last. */
  readonly #alarms = new Map<string, DeviceAlarms["alarms"]>();
  readonly #loggedReasons = new Set<string>();
  readonly #largeTopics = new Set<string>();
  readonly #wall: WatchedClock;
  #ticker: Timer | undefined;
  #coalesced = 0;
  #dropped = 0;
  #connects = 0;
  #large = 0;

  constructor(options: BridgeOptions, dependencies: BridgeDependencies) {
    const { broker, outlet, jobs, outbox, clock, logger } = dependencies;
    const topics = topicsUnder(options.root, options);
    this.#topics = topics;
    this.#options = options;
    this.#broker = broker;
    this.#clock = clock;
    this.#logger = logger;
    this.#outbox = outbox;
    this.#wall = new WatchedClock(clock);
    this.#tags = tagTable(options.devices);
    this.#picture = new PlantPicture(this.#tags.length);
    this.#publishers = publishersOf(options, this.#tags, this.#picture);
    this.#due = new DuePublications({
      ...dependencies,
      topics,
      tags: this.#tags,
      picture: this.#picture,
      bareTags: options.bareTags,
      counters: () => this.counters(),
      tooLarge: (publication) => this.#tooLarge(publication),
    });
    this.#window = new PublishWindow(broker, clock, this.#due);
    this.#jobs = jobs && new JobDesk({ topics, outlet: jobs, clock, pools: options.pools ?? new Map() });
    const devices = new Map(options.devices.map((device) => [device.name, device]));
    this.#desk = new CommandDesk({ topics, devices, outlet, untold: () => this.#due.outcomes.size });
  }

  start(): void {
    this.#ticker = this.#clock.every("bridge.tick", TICK, () => this.#tick());
    this.#closers.push(this.#broker.changes.on((state) => this.#brokerChanged(state)));
    this.#closers.push(this.#broker.received.on((message) => this.#received(message)));
  }

  counters(): BridgeCounters {
    const dropped = this.#dropped + this.#due.dropped;
    const unanswered = this.#due.rejections.dropped;
    return {
      ...this.#window.counters,
      coalesced: this.#coalesced,
      dropped,
      unanswered,
      tooLarge: this.#large,
      connects: this.#connects,
      outbox: this.#outbox?.counters(),
    };
  }

  blocks(blocks: readonly (readonly number[])[]): void {
    this.#picture.regroup(blocks);
  }

  samples(batch: SampleBatch): void {
    const now = this.#clock.now();
    const told = new Set<DevicePublisher>();
    for (const renewal of batch.renewed) this.#picture.renew(renewal);
    for (const change of batch.samples) {
      const entry = this.#tags[change.tag];
      invariant(entry !== undefined, `tag ${change.tag} is not of this plant`);
      const publisher = this.#publisherOf(entry.device.name);
      // The newer value must not overtake it: the broker is slow, and gets every one.
      if (publisher.isPending(entry)) this.#due.keepData(publisher);
      this.#picture.apply(change);
      this.#coalesced += publisher.changed(entry, now);
      told.add(publisher);
    }
    // Once all is known: what is kept while the broker is away is one message of a device, too.
    for (const publisher of told) this.#mark(publisher, now);
    this.#window.pump();
  }

  device(status: DeviceStatus): void {
    const publisher = this.#publisherOf(status.device);
    if (isThere(status) && !isThere(publisher.status)) publisher.renew();
    publisher.status = status;
    this.#due.statuses.add(publisher);
    this.#window.pump();
  }

  result(result: CommandResult): void {
    this.#tell(this.#desk.result(result));
    this.#window.pump();
  }

  /** Changes of jobs that are stored. */
  jobs(changes: readonly JobChange[], told: (job: EndedJob) => void): void {
    for (const publication of this.#jobs?.changed(changes, told) ?? []) this.#tellJob(publication);
    this.#window.pump();
  }

  /** What the store held of jobs. */
  jobsRecalled(recalled: RecalledChanges, told: (job: EndedJob) => void): void {
    for (const publication of this.#jobs?.recalled(recalled, told) ?? []) this.#tellJob(publication);
    this.#window.pump();
  }

  jobAnswer(answer: JobAnswer): void {
    const { answer: told, event } = this.#jobs?.answered(answer) ?? {};
    if (told) this.#tellJob(told);
    if (event) this.#due.events.push({ ...event, at: this.#clock.now() });
    this.#window.pump();
  }

  #tellJob(publication: Publication): void {
    const { outcomes, jobs } = this.#due;
    if (publication.owed === "outcome") outcomes.push(publication);
    else jobs.push(publication);
  }

  event(event: PlantEvent): void {
    this.#due.events.push(event);
    if (!this.#window.isOpen) this.#due.keepEvents();
    this.#window.pump();
  }

  alarms({ device, alarms }: DeviceAlarms): void {
    this.#alarms.set(device, alarms);
    this.#due.alarms.set(device, alarms);
    this.#window.pump();
  }

  stats(stats: PlantStatistics): void {
    this.#due.stats = stats;
    this.#window.pump();
  }

  /** The last will, as it would be said now. */
  will(): Publication {
    return this.#gatewayStatus("lost");
  }

  /**
   * Publishes what is due and then that we end in order, as far as the broker takes each within `deadline`. Where outcomes
   * are due, a broker that is away is waited for as long; those it did not get are logged. `orderly`: the scan has said its
   * last word.
   */
  async stop({ deadline, orderly }: { readonly deadline: Ms; readonly orderly: boolean }): Promise<void> {
    this.#ticker?.cancel();
    const asked = this.#clock.now();
    this.#tell(this.#desk.abandoned(asked, orderly));
    if (!this.#window.isOpen && this.#due.untold.length > 0) await this.#brokerBack(deadline);
    if (this.#window.isOpen) {
      for (const publisher of this.#publishers.values()) this.#due.states.add(publisher);
      await this.#window.flush(ms(Math.max(0, deadline - (this.#clock.now() - asked))));
    }
    this.#logUntold();
    if (this.#window.isOpen) {
      this.#due.gateway = [this.#gatewayStatus("offline")];
      this.#due.endBareTags();
      await this.#window.flush(deadline);
    }
    for (const close of this.#closers) close();
  }

  /** Settles when the broker is there, at the latest after `deadline`. */
  #brokerBack(deadline: Ms): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel();
        off();
        resolve();
      };
      const timer = this.#clock.after("mqtt.back", deadline, end);
      const off = this.#broker.changes.on(({ state }) => state === "up" && end());
    });
  }

  #logUntold(): void {
    for (const { topic, payload } of [...this.#window.unacknowledged.filter(isOutcome), ...this.#due.untold])
      this.#logger.error("outcome.untold", { topic, outcome: payload });
  }

  #publisherOf(device: string): DevicePublisher {
    const publisher = this.#publishers.get(device);
    invariant(publisher !== undefined, `device ${device} is not of this plant`);
    return publisher;
  }

  #brokerChanged(state: BrokerState): void {
    if (state.state === "down") {
      this.#window.close();
      for (const publisher of this.#publishers.values()) this.#leaveOut(publisher);
      this.#due.keepEvents();
      this.#logDown(state.reason);
      return;
    }
    this.#connects++;
    this.#loggedReasons.clear();
    this.#logger.info("mqtt.up", { version: state.version === 5 ? "5" : "3.1.1" });
    this.#tellAll();
    this.#window.open(state);
    this.#outbox?.connected();
    this.#window.pump();
  }

  /** A line for every reason, once until the broker is back. */
  #logDown(reason: string): void {
    if (this.#loggedReasons.has(reason) || this.#loggedReasons.size >= LOGGED_REASONS) return;
    this.#loggedReasons.add(reason);
    this.#logger.warn("mqtt.down", { reason });
  }

  /** A line for every topic, once. */
  #tooLarge(publication: Publication): void {
    this.#large++;
    const { topic } = publication;
    if (this.#largeTopics.has(topic) || this.#largeTopics.size >= LOGGED_TOPICS) return;
    this.#largeTopics.add(topic);
    this.#logger.error("mqtt.tooLarge", { topic, bytes: packetBytes(publication) });
  }

  /** A broker that is there (again) hears everything; changes it missed are in the states. */
  #tellAll(): void {
    this.#due.gateway = [this.#gatewayStatus("online"), this.#gatewayInfo()];
    for (const publisher of this.#publishers.values()) {
      this.#leaveOut(publisher);
      this.#due.statuses.add(publisher);
      this.#due.metas.add(publisher);
      this.#due.states.add(publisher);
    }
    for (const [device, alarms] of this.#alarms) this.#due.alarms.set(device, alarms);
    this.#jobs?.tellAll();
    this.#due.tellAnew();
  }

  #received(message: Received): void {
    const now = this.#clock.now();
    const ofJobs = this.#jobs?.received(message);
    if (ofJobs?.answer) this.#due.rejections.push(ofJobs.answer);
    if (ofJobs?.event) this.#due.events.push({ ...ofJobs.event, at: now });
    if (ofJobs) return this.#window.pump();
    const { rejection, event } = this.#desk.received(message, { now, wall: this.#clock.wall() });
    if (rejection) this.#due.rejections.push(rejection);
    if (event) {
      const fields = { topic: message.topic, reason: event.reason };
      this.#due.events.push({ event: event.event, at: now, fields });
    }
    this.#window.pump();
  }

  #tell(outcomes: readonly Publication[]): void {
    for (const outcome of outcomes) this.#due.outcomes.push(outcome);
  }

  #tick(): void {
    const now = this.#clock.now();
    this.#lookAtClock(now);
    this.#tell(this.#desk.overdue(now));
    if (this.#window.isOpen) for (const state of this.#jobs?.states() ?? []) this.#due.pools.set(state.topic, state);
    for (const publisher of this.#publishers.values()) {
      publisher.tick(now);
      this.#mark(publisher, now);
    }
    this.#window.pump();
  }

  /** Every time we tell is the wall clock's: who reads them has to know that it was set. */
  #lookAtClock(now: Instant): void {
    const by = this.#wall.look();
    if (by === undefined) return;
    if (this.#window.isOpen) this.#due.gateway = [...this.#due.gateway, this.#gatewayInfo()];
    const fields = { by: Math.round(by) };
    this.#logger.warn("clock.stepped", fields);
    this.#due.events.push({ event: "clock.stepped", at: now, fields });
  }

  /** Notes what of a device is due; no `data` while the broker is away. */
  #mark(publisher: DevicePublisher, now: Instant): void {
    if (!this.#window.isOpen) {
      this.#leaveOut(publisher);
      return;
    }
    if (publisher.dataDue) this.#due.data.add(publisher);
    if (publisher.stateDue(now)) this.#due.states.add(publisher);
  }

  /** Nobody is there to be told what changed: it is kept for later, or counted and left to the next `state`. */
  #leaveOut(publisher: DevicePublisher): void {
    if (!this.#due.keepData(publisher)) this.#dropped += publisher.dropData();
  }

  #gatewayInfo(): Publication {
    const { identity, devices } = this.#options;
    const ts = this.#clock.wall();
    const clock = this.#wall.state(ts);
    return retained(this.#topics.gateway("info"), gatewayInfoPayload(identity, devices, { ts, clock }));
  }

  #gatewayStatus(state: "online" | "offline" | "lost"): Publication {
    const payload = gatewayStatusPayload(state, this.#clock.wall(), this.#options.identity.version);
    return retained(this.#topics.gateway("status"), payload);
  }
}

function publishersOf(
  { devices, intervals }: BridgeOptions,
  entries: readonly TagEntry[],
  picture: PlantPicture,
): ReadonlyMap<string, DevicePublisher> {
  const keys = entries.map(({ tag }) => `${JSON.stringify(tag.name)}:`);
  return new Map(
    devices.map((device) => {
      const own = entries.filter((entry) => entry.device === device);
      return [device.name, new DevicePublisher(own, device, { picture, keys, intervals })];
    }),
  );
}
