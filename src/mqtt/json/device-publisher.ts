import type { DeviceStatus } from "../../device/device-status.ts";
import type { Device } from "../../device/profile.ts";
import { ON_DEMAND } from "../../device/tag.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import { type Instant, type Ms, ms, plus } from "../../kit/time.ts";
import type { PlantPicture } from "../plant-picture.ts";
import { samplesPayload } from "./samples-payload.ts";
import { TagReports } from "../tag-reports.ts";

export interface PublishIntervals {
  /** `state` at most this often. */
  readonly stateInterval: Ms;
  /** `state` at least this often, changed or not. */
  readonly heartbeat: Ms;
}

/** When a payload is made: the monotonic time, and what turns it into wall time. */
export interface Stamp {
  readonly now: Instant;
  readonly wallOffset: Ms;
}

/** What of one device is due to be told. Payloads are made when they are sent: a slow broker gets the newest. */
export class DevicePublisher {
  readonly device: Device;
  status: DeviceStatus | undefined;
  readonly #tags: readonly TagEntry[];
  readonly #picture: PlantPicture;
  readonly #intervals: PublishIntervals;
  /** `"speed":` by tag index. */
  readonly #keys: readonly string[];
  readonly #reports: TagReports;
  #changed = true;
  #stateFrom: Instant | undefined;
  #heartbeatAt: Instant | undefined;
  #seq = 0;

  constructor(tags: readonly TagEntry[], device: Device, shared: DeviceShared) {
    this.device = device;
    this.#tags = tags;
    this.#picture = shared.picture;
    this.#keys = shared.keys;
    this.#intervals = shared.intervals;
    this.#reports = new TagReports(tags, shared.picture);
  }

  /** Takes note of a changed tag; the number of pending changes it overtook, 0 or 1. That nothing is known is no news. */
  changed(entry: TagEntry, now: Instant): number {
    if (!this.#reports.knows(entry.index) && this.#neverRead(entry)) return 0;
    this.#changed = true;
    return this.#reports.changed(entry.index, now);
  }

  /** Looks after what time alone makes due: deferred changes and maximum intervals. */
  tick(now: Instant): void {
    this.#reports.tick(now);
  }

  /** `state` goes out as soon as something changes, or has changed: the device is back, or the broker. */
  renew(): void {
    this.#changed = true;
    this.#stateFrom = undefined;
  }

  get dataDue(): boolean {
    return this.#reports.due;
  }

  stateDue(now: Instant): boolean {
    if (this.#heartbeatAt === undefined || now >= this.#heartbeatAt) return true;
    return this.#changed && (this.#stateFrom === undefined || now >= this.#stateFrom);
  }

  /** Whether the next `data` tells of the tag. */
  isPending({ index }: TagEntry): boolean {
    return this.#reports.isPending(index);
  }

  /** Forgets what `data` was to tell: nobody is there. The next `state` says it all. How many changes that were. */
  dropData(): number {
    return this.#reports.drop();
  }

  /** Tags about to be told by {@link takeData}, in the order of the plant. */
  get pending(): readonly number[] {
    return this.#reports.pending;
  }

  takeData({ now, wallOffset }: Stamp): string {
    const tags = this.#reports.take();
    return samplesPayload(this.#picture, { tags, keys: this.#keys, seq: ++this.#seq, wallOffset, now });
  }

  /** The full snapshot; its `seq` is that of the last `data` before it. */
  takeState({ now, wallOffset }: Stamp): string {
    this.#changed = false;
    this.#stateFrom = plus(now, this.#intervals.stateInterval);
    this.#heartbeatAt = plus(now, ms(Math.max(this.#intervals.heartbeat, this.#intervals.stateInterval)));
    const tags = this.#tags.filter((entry) => !this.#unasked(entry)).map((entry) => entry.index);
    return samplesPayload(this.#picture, { tags, keys: this.#keys, seq: this.#seq, wallOffset, now });
  }

  /** Read on demand, and nobody has asked: it belongs to no picture of the device. */
  #unasked(entry: TagEntry): boolean {
    return entry.tag.scanClass === ON_DEMAND && this.#neverRead(entry);
  }

  #neverRead({ index }: TagEntry): boolean {
    return this.#picture.sample(index).reason === "neverRead";
  }
}

/** What all devices of a plant share. */
export interface DeviceShared {
  readonly picture: PlantPicture;
  readonly keys: readonly string[];
  readonly intervals: PublishIntervals;
}
