import type { Device } from "../../device/profile.ts";
import { tagTable, type TagEntry } from "../../device/tag-table.ts";
import type { Clock } from "../../kit/clock.ts";
import { invariant, unreachable } from "../../kit/invariant.ts";
import { type Instant, ms } from "../../kit/time.ts";
import type { PlantStatistics, SampleBatch } from "../../link/messages.ts";
import type { Outbox } from "../../store/outbox.ts";
import type { Publication } from "../broker/broker.ts";
import type { GatewayIdentity } from "../gateway-payload.ts";
import { PlantPicture } from "../plant-picture.ts";
import type { DcmdOutcome } from "./dcmd-desk.ts";
import { DeviceMetrics, type Stamp } from "./device-metrics.ts";
import type { DueData, EdgeMessage } from "./edge-state.ts";
import {
  birthPayload,
  dataPayload,
  deathPayload,
  type DeclaredSample,
  nodeBirthPayload,
  nodeDeathPayload,
} from "./encode-payload.ts";
import { History } from "./history.ts";
import { isWritable, type MetricTable, metricTable } from "./metric-table.ts";
import { NodeMetrics } from "./node-metrics.ts";
import type { SparkplugTopics } from "./sparkplug-topics.ts";

export type Bytes = Publication<Uint8Array>;

export interface DueMessagesOptions {
  readonly topics: SparkplugTopics;
  /** In the order of the plant. */
  readonly devices: readonly Device[];
  readonly identity: GatewayIdentity;
  /** Undefined: what hosts miss is not kept. */
  readonly outbox: Outbox | undefined;
  readonly clock: Clock;
}

/**
 * What of the plant is due to be told, and the messages that tell it. Of devices it is remembered which metrics changed,
 * not to what: payloads are made when the broker takes them, so nothing here grows beyond the plant.
 */
export class DueMessages {
  readonly table: MetricTable;
  readonly #options: DueMessagesOptions;
  readonly #tags: readonly TagEntry[];
  readonly #picture: PlantPicture;
  readonly #node: NodeMetrics;
  readonly #devices: ReadonlyMap<string, DeviceMetrics>;
  readonly #due = new Set<DeviceMetrics>();
  readonly history: History | undefined;

  constructor(options: DueMessagesOptions) {
    const { devices, identity } = options;
    this.#options = options;
    this.#tags = tagTable(devices);
    const picture = new PlantPicture(this.#tags.length);
    this.#picture = picture;
    const table = metricTable(devices, this.#tags);
    this.table = table;
    this.history = options.outbox && new History(options.outbox, table);
    this.#node = new NodeMetrics(table.node, identity);
    this.#devices = new Map(
      devices.map((device) => {
        return [device.name, new DeviceMetrics(device, table.devices.get(device.name) ?? [], picture)];
      }),
    );
  }

  blocks(blocks: readonly (readonly number[])[]): void {
    this.#picture.regroup(blocks);
  }

  samples(batch: SampleBatch, born: ReadonlySet<string>): void {
    const now = this.#options.clock.now();
    const told = new Set<DeviceMetrics>();
    for (const renewal of batch.renewed) this.#picture.renew(renewal);
    for (const change of batch.samples) {
      const entry = this.#tags[change.tag];
      invariant(entry !== undefined, `tag ${change.tag} is not of this plant`);
      const metrics = this.#metricsOf(entry.device.name);
      // The newer value must not overtake it: the broker is slow, and gets every one.
      if (metrics.isPending(entry)) this.#leaveOut(metrics);
      this.#picture.apply(change);
      metrics.changed(entry, now);
      told.add(metrics);
    }
    // Once all is known: what is kept until its birth is one entry of a device, too.
    for (const metrics of told) this.#mark(metrics, born);
  }

  stats(stats: PlantStatistics): void {
    this.#node.stats(stats);
  }

  ended(outcome: DcmdOutcome, born: ReadonlySet<string>): void {
    const metrics = this.#devices.get(outcome.device);
    if (!metrics || !isWritable(metrics.device)) return;
    metrics.ended(outcome);
    this.#mark(metrics, born);
  }

  /** Looks after what time alone makes due. */
  tick(now: Instant, born: ReadonlySet<string>): void {
    for (const metrics of this.#devices.values()) {
      metrics.tick(now);
      this.#mark(metrics, born);
    }
  }

  /** What there is to tell of the node, of a device that is born, or of the past. */
  dueData(born: ReadonlySet<string>): DueData | undefined {
    if (this.#node.due) return { of: "node" };
    for (const metrics of this.#due) {
      const device = metrics.device.name;
      if (metrics.due && born.has(device)) return { of: "device", device, historical: false };
      this.#due.delete(metrics);
    }
    const device = this.history?.due(born);
    return device === undefined ? undefined : { of: "device", device, historical: true };
  }

  publication(message: EdgeMessage): Bytes {
    const { topics } = this.#options;
    const topic = "device" in message ? topics.device(message.type, message.device) : topics.node(message.type);
    return { topic, payload: this.#payload(message), qos: 0, retain: false };
  }

  /** The specification asks for QoS 1 in the will; the same from us leaves no doubt whether the broker has it. */
  death(bdSeq: number): Bytes {
    const topic = this.#options.topics.node("NDEATH");
    return { topic, payload: nodeDeathPayload(bdSeq, this.#wall()), qos: 1, retain: false };
  }

  /** Before its birth nobody hears of the device. */
  #mark(metrics: DeviceMetrics, born: ReadonlySet<string>): void {
    if (!metrics.due) return;
    if (born.has(metrics.device.name)) this.#due.add(metrics);
    else this.#leaveOut(metrics);
  }

  /** The next birth of the device tells what it then is; what it was until then is history, where there is any. */
  #leaveOut(metrics: DeviceMetrics): void {
    if (this.history) this.history.missed(metrics.device.name, metrics.takeDueTags(this.#stamp()));
    else metrics.drop();
  }

  #payload(message: EdgeMessage): Uint8Array {
    const stamp = this.#stamp();
    const head = { timestamp: this.#wall(), seq: message.seq };
    switch (message.type) {
      case "NBIRTH":
        return nodeBirthPayload(head, message.bdSeq, this.#node.takeAll(stamp));
      case "NDATA":
        return dataPayload(head, this.#node.takeDue(stamp));
      case "DBIRTH":
        this.#leaveOut(this.#metricsOf(message.device));
        return birthPayload(head, this.#metricsOf(message.device).takeAll(stamp));
      case "DDATA":
        return message.historical
          ? dataPayload(head, this.history?.take() ?? [], { historical: true })
          : dataPayload(head, this.#takeDue(message.device, stamp));
      case "DDEATH":
        return deathPayload(head);
      default:
        return unreachable(message);
    }
  }

  #takeDue(device: string, stamp: Stamp): readonly DeclaredSample[] {
    const metrics = this.#metricsOf(device);
    this.#due.delete(metrics);
    const samples = metrics.takeDue(stamp);
    this.history?.told(device, samples);
    return samples;
  }

  #stamp(): Stamp {
    const now = this.#options.clock.now();
    return { now, wallOffset: ms(this.#options.clock.wall() - now) };
  }

  #wall(): number {
    return Math.max(0, Math.round(this.#options.clock.wall()));
  }

  #metricsOf(device: string): DeviceMetrics {
    const metrics = this.#devices.get(device);
    invariant(metrics !== undefined, `device ${device} is not of this plant`);
    return metrics;
  }
}
