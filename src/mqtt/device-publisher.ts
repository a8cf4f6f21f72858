import type { DeviceStatus } from "../device/device-status.ts";
import type { Device } from "../device/profile.ts";
import { ON_DEMAND } from "../device/tag.ts";
import type { TagEntry } from "../device/tag-table.ts";
import { type Instant, type Ms, ms, plus } from "../kit/time.ts";
import type { PlantPicture } from "./plant-picture.ts";
import { judgeReport, type Reported } from "./report.ts";
import { samplesPayload } from "./samples-payload.ts";

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
  readonly #indices: readonly number[];
  readonly #picture: PlantPicture;
  readonly #intervals: PublishIntervals;
  /** `"speed":` by tag index. */
  readonly #keys: readonly string[];
  readonly #reported = new Map<number, Reported>();
  readonly #deferred = new Set<number>();
  readonly #pending = new Set<number>();
  readonly #heartbeatTags: readonly TagEntry[];
  #changed = true;
  #stateFrom: Instant | undefined;
  #heartbeatAt: Instant | undefined;
  #seq = 0;

  constructor(tags: readonly TagEntry[], device: Device, shared: DeviceShared) {
    this.device = device;
    this.#tags = tags;
    this.#indices = tags.map((entry) => entry.index);
    this.#picture = shared.picture;
    this.#keys = shared.keys;
    this.#intervals = shared.intervals;
    this.#heartbeatTags = tags.filter((entry) => entry.tag.report.maxInterval !== undefined);
  }

  /** Takes note of a changed tag; the number of pending changes it overtook, 0 or 1. That nothing is known is no news. */
  changed(entry: TagEntry, now: Instant): number {
    if (!this.#reported.has(entry.index) && this.#neverRead(entry)) return 0;
    this.#changed = true;
    const verdict = judgeReport(
      entry.tag.report,
      this.#reported.get(entry.index),
      this.#picture.sample(entry.index),
      now,
    );
    if (verdict === "later") this.#deferred.add(entry.index);
    else if (verdict === "no") this.#deferred.delete(entry.index);
    return verdict === "now" ? this.#report(entry.index, now) : 0;
  }

  /** Looks after what time alone makes due: deferred changes and maximum intervals. */
  tick(now: Instant): void {
    for (const index of this.#deferred) this.#judgeAgain(index, now);
    for (const { index } of this.#heartbeatTags) this.#judgeAgain(index, now);
  }

  /** `state` goes out as soon as something changes, or has changed: the device is back, or the broker. */
  renew(): void {
    this.#changed = true;
    this.#stateFrom = undefined;
  }

  get dataDue(): boolean {
    return this.#pending.size > 0;
  }

  stateDue(now: Instant): boolean {
    if (this.#heartbeatAt === undefined || now >= this.#heartbeatAt) return true;
    return this.#changed && (this.#stateFrom === undefined || now >= this.#stateFrom);
  }

  /** Forgets what `data` was to tell: nobody is there. The next `state` says it all. How many changes that were. */
  dropData(): number {
    const dropped = this.#pending.size;
    this.#pending.clear();
    return dropped;
  }

  /** Tags about to be told by {@link takeData}, in the order of the plant. */
  get pending(): readonly number[] {
    return [...this.#pending].sort((one, other) => one - other);
  }

  takeData({ now, wallOffset }: Stamp): string {
    const tags = this.pending;
    this.#pending.clear();
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

  #judgeAgain(index: number, now: Instant): void {
    const entry = this.#tags[index - (this.#indices[0] ?? 0)];
    if (!entry) return;
    const verdict = judgeReport(entry.tag.report, this.#reported.get(index), this.#picture.sample(index), now);
    if (verdict === "now") this.#report(index, now);
    if (verdict === "no") this.#deferred.delete(index);
  }

  #report(index: number, now: Instant): number {
    this.#deferred.delete(index);
    this.#reported.set(index, { sample: this.#picture.sample(index), at: now });
    const before = this.#pending.size;
    this.#pending.add(index);
    return this.#pending.size === before ? 1 : 0;
  }
}

/** What all devices of a plant share. */
export interface DeviceShared {
  readonly picture: PlantPicture;
  readonly keys: readonly string[];
  readonly intervals: PublishIntervals;
}
