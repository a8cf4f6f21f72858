import type { DeviceStatus } from "../../device/device-status.ts";
import type { Device } from "../../device/profile.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import { type Instant, ms, type Ms, plus } from "../../kit/time.ts";
import type { BlockPart, BlockSlot } from "../lines/block-slot.ts";
import { type Condition, deviceCondition } from "./device-condition.ts";
import { type SteadyReason, steadyReason } from "./steady-reason.ts";
import type { UnitReader } from "../lines/unit-reader.ts";

/** Tags that are read once are asked for again after this when they were not answered. */
const ONCE_RETRY = ms(1000);

/** A device of which nothing is read in turn is asked this often whether it is there. */
const PRESENCE_EVERY = ms(5000);

const NO_ENTRIES: readonly TagEntry[] = [];

export interface DeviceRunOptions {
  readonly device: Device;
  readonly entries: readonly TagEntry[];
  /** Slots read in turn. */
  readonly cyclic: readonly BlockSlot[];
  /** Slots read once after every return. */
  readonly once: readonly BlockSlot[];
  readonly onDemand: readonly BlockSlot[];
  readonly reader: UnitReader;
  readonly startedAt: Instant;
}

export interface StatusChange {
  readonly from: DeviceStatus;
  readonly to: DeviceStatus;
  /** It answers after it did not. */
  readonly appeared: boolean;
  /** It answers again after it was away; its first answer of all is no return. */
  readonly returned: boolean;
}

/** One device in the running scan: its slots, its unit's reader and how it stands. */
export class DeviceRun {
  readonly device: Device;
  readonly entries: readonly TagEntry[];
  readonly reader: UnitReader;
  readonly slots: readonly BlockSlot[];
  readonly #options: DeviceRunOptions;
  readonly #readOnce = new Set<BlockPart>();
  readonly #wanted: Set<BlockSlot>;
  #onceDue: Instant | undefined;
  #presenceDue: Instant | undefined;
  #disabled: boolean;
  #enabledAt: Instant;
  #met = false;
  /** Failures of the unit when it was last judged; undefined: it is to be judged whatever they are. */
  #judgedAfter: number | undefined;
  #status: DeviceStatus;
  #offline: SteadyReason | undefined;

  constructor(options: DeviceRunOptions) {
    this.#options = options;
    this.device = options.device;
    this.entries = options.entries;
    this.reader = options.reader;
    this.slots = [...options.cyclic, ...options.once, ...options.onDemand];
    // The first values need not wait for their turn.
    this.#wanted = new Set(options.cyclic);
    this.#disabled = options.device.disabled;
    this.#enabledAt = options.startedAt;
    this.#status = { device: this.device.name, status: "connecting", since: options.startedAt, reason: undefined };
  }

  get status(): DeviceStatus {
    return this.#status;
  }

  get disabled(): boolean {
    return this.#disabled;
  }

  /** Whether its blocks take their turns now. */
  get scanned(): boolean {
    return !this.#disabled && this.reader.health.state !== "offline" && this.reader.line.state.state === "up";
  }

  setService(enabled: boolean, now: Instant): void {
    if (enabled && this.#disabled) this.#enabledAt = now;
    if (!enabled) this.reader.forget(this.device);
    this.#disabled = !enabled;
    this.#judgedAfter = undefined;
  }

  /** Asks for on-demand tags at the next input phase. */
  demand(tags: ReadonlySet<string>): void {
    for (const slot of this.#options.onDemand) {
      const names = slot.planned.items.flatMap((item) => item.entries.map((entry) => entry.tag.name));
      if (names.some((name) => tags.has(name))) this.#wanted.add(slot);
    }
  }

  /** Its line is up again: whether it is there need not wait for the turns of its blocks. */
  seek(): void {
    for (const slot of this.#options.cyclic) this.#wanted.add(slot);
    this.#presenceDue = undefined;
    this.reader.expectReturn();
  }

  /** Asks for what is to be read besides the blocks whose turn it is. */
  readExtras(now: Instant): void {
    if (this.#onceDue === undefined || now >= this.#onceDue) this.#askOnce(now);
    if (this.#wanted.size > 0) this.#askWanted();
    if (this.#presenceDue === undefined || now >= this.#presenceDue) this.#askPresence(now);
  }

  answered(part: BlockPart): void {
    if (this.#options.once.includes(part.slot)) this.#readOnce.add(part);
  }

  /** What to ask for to see whether it is there; undefined: it is not to be asked. */
  get presence(): BlockPart | undefined {
    return this.#disabled ? undefined : this.slots[0]?.presence;
  }

  /** Forgets what was refused and read: the device was away, and may be another one now. */
  startAfresh(): void {
    for (const slot of this.slots) slot.reset();
    this.#readOnce.clear();
    this.#onceDue = undefined;
    for (const slot of this.#options.cyclic) this.#wanted.add(slot);
  }

  /** Gives refused tags another chance when their refusal is old; true when there were any. */
  retryRefused(now: Instant): boolean {
    let any = false;
    for (const slot of this.slots) any = slot.retry(now) || any;
    return any;
  }

  /** Judges how the device stands; gives the status where it changed. */
  judge(now: Instant, downSince: Instant | undefined): StatusChange | undefined {
    if (this.#isSettled()) return undefined;
    this.#judgedAfter = this.reader.failures;
    const condition = this.#steady(this.#condition(now, downSince), now);
    const from = this.#status;
    if (condition.status === from.status && condition.reason === from.reason) return undefined;
    const since = condition.status === from.status ? from.since : now;
    const to = { device: this.device.name, since, ...condition };
    this.#status = to;
    const appeared = answers(to) && !answers(from);
    const returned = appeared && this.#met;
    this.#met ||= appeared;
    return { from, to, appeared, returned };
  }

  /** The reason of a device that stays offline does not change with every attempt to reach it. */
  #steady(condition: Condition, now: Instant): Condition {
    const { status, reason } = condition;
    if (status !== "offline") {
      this.#offline = undefined;
      return condition;
    }
    this.#offline = steadyReason(this.#offline ?? { told: reason, other: undefined }, reason, now);
    return { status, reason: this.#offline.told };
  }

  /** It is online and nothing has happened since that could change that. */
  #isSettled(): boolean {
    const { reader } = this;
    if (this.#status.status !== "online" || this.#judgedAfter !== reader.failures) return false;
    return reader.line.state.state === "up";
  }

  #askOnce(now: Instant): void {
    this.#onceDue = plus(now, ONCE_RETRY);
    for (const slot of this.#options.once) {
      for (const part of slot.parts) if (!this.#readOnce.has(part)) this.reader.extra(part);
    }
  }

  #askWanted(): void {
    for (const slot of this.#wanted) {
      const asked = slot.parts.filter((part) => this.reader.extra(part) || part.pending);
      if (asked.length === slot.parts.length) this.#wanted.delete(slot);
    }
  }

  #askPresence(now: Instant): void {
    this.#presenceDue = plus(now, PRESENCE_EVERY);
    const slot = this.slots[0];
    if (slot && this.#options.cyclic.every(({ parts }) => parts.length === 0)) this.reader.extra(slot.presence);
  }

  #condition(now: Instant, downSince: Instant | undefined): Condition {
    const { reader } = this;
    return deviceCondition({
      now,
      disabled: this.#disabled,
      enabledAt: this.#enabledAt,
      line: reader.line.state,
      lineName: reader.line.name,
      downSince,
      health: reader.health,
      answeredAt: reader.answeredAt,
      readable: this.slots.length > 0,
      lastFailure: reader.lastFailure,
      busy: reader.busy,
      refused: this.#refusedNames(),
      before: this.#status.status,
    });
  }

  /** Tags it refused when it was last asked for them. */
  get refused(): readonly TagEntry[] {
    if (this.slots.every((slot) => slot.refused.size === 0)) return NO_ENTRIES;
    return this.slots.flatMap((slot) => [...slot.refused]);
  }

  /** Leaves out what it refused before the master was started again, `stood` ago. */
  recallRefused(entries: ReadonlySet<TagEntry>, now: Instant, stood: Ms): void {
    for (const slot of this.slots) slot.recall(entries, now, stood);
  }

  #refusedNames(): readonly string[] {
    const { refused } = this;
    return refused.length === 0 ? NONE : refused.map((entry) => entry.tag.name);
  }
}

function answers({ status }: DeviceStatus): boolean {
  return status === "online" || status === "degraded";
}

const NONE: readonly string[] = [];
