import type { DeviceStatus } from "../device/device-status.ts";
import type { Device } from "../device/profile.ts";
import type { TagEntry } from "../device/tag-table.ts";
import { type Instant, ms, plus } from "../kit/time.ts";
import type { BlockPart, BlockSlot } from "./block-slot.ts";
import { type Condition, deviceCondition } from "./device-condition.ts";
import type { UnitReader } from "./unit-reader.ts";

/** What a device refused is asked for again after this. */
const REFUSAL_EXPIRES = ms(600_000);

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

/** One device in the running scan: its slots, its unit's reader and how it stands. */
export class DeviceRun {
  readonly device: Device;
  readonly entries: readonly TagEntry[];
  readonly reader: UnitReader;
  readonly #options: DeviceRunOptions;
  readonly #readOnce = new Set<BlockPart>();
  readonly #wanted = new Set<BlockSlot>();
  #disabled: boolean;
  #status: DeviceStatus;

  constructor(options: DeviceRunOptions) {
    this.#options = options;
    this.device = options.device;
    this.entries = options.entries;
    this.reader = options.reader;
    this.#disabled = options.device.disabled;
    this.#status = { device: this.device.name, status: "connecting", since: options.startedAt, reason: undefined };
  }

  get status(): DeviceStatus {
    return this.#status;
  }

  get slots(): readonly BlockSlot[] {
    return [...this.#options.cyclic, ...this.#options.once, ...this.#options.onDemand];
  }

  /** Whether its blocks take their turns now. */
  get scanned(): boolean {
    return !this.#disabled && this.reader.health.state === "online" && this.reader.line.state.state === "up";
  }

  setService(enabled: boolean): void {
    this.#disabled = !enabled;
  }

  /** Asks for on-demand tags at the next input phase. */
  demand(tags: ReadonlySet<string>): void {
    for (const slot of this.#options.onDemand) {
      const names = slot.planned.items.flatMap((item) => item.entries.map((entry) => entry.tag.name));
      if (names.some((name) => tags.has(name))) this.#wanted.add(slot);
    }
  }

  /** Parts that are to be read besides the cyclic ones. */
  extraParts(): readonly BlockPart[] {
    const once = this.#options.once.flatMap((slot) => slot.parts).filter((part) => !this.#readOnce.has(part));
    const wanted = [...this.#wanted].flatMap((slot) => slot.parts);
    this.#wanted.clear();
    return [...once.filter((part) => !part.pending), ...wanted];
  }

  answered(part: BlockPart): void {
    if (this.#options.once.includes(part.slot)) this.#readOnce.add(part);
  }

  /** Asks an offline unit whether it is back. */
  probe(): void {
    if (this.#disabled) return;
    const part = this.slots[0]?.parts[0] ?? this.slots[0]?.reset().at(0);
    if (part) this.reader.probe(part);
  }

  /** Forgets what was refused and read once: the device was away, and may be another one now. */
  startAfresh(): void {
    for (const slot of this.slots) slot.reset();
    this.#readOnce.clear();
  }

  /** Gives refused tags another chance when their refusal is old; true when there were any. */
  expireRefusals(now: Instant): boolean {
    const old = this.slots.filter(
      (slot) => slot.refusedAt !== undefined && now >= plus(slot.refusedAt, REFUSAL_EXPIRES),
    );
    for (const slot of old) slot.reset();
    return old.length > 0;
  }

  /** Judges how the device stands; gives the status where it changed. */
  judge(
    now: Instant,
    downSince: Instant | undefined,
  ): { readonly from: DeviceStatus; readonly to: DeviceStatus } | undefined {
    const condition = this.#condition(now, downSince);
    const from = this.#status;
    if (condition.status === from.status && condition.reason === from.reason) return undefined;
    const since = condition.status === from.status ? from.since : now;
    this.#status = { device: this.device.name, since, ...condition };
    return { from, to: this.#status };
  }

  #condition(now: Instant, downSince: Instant | undefined): Condition {
    const { reader } = this;
    return deviceCondition({
      now,
      disabled: this.#disabled,
      line: reader.line.state,
      lineName: reader.line.name,
      downSince,
      health: reader.health,
      answeredAt: reader.answeredAt,
      readable: this.slots.length > 0,
      lastFailure: reader.lastFailure,
      refused: this.slots.flatMap((slot) => slot.refused.map((entry) => entry.tag.name)),
      before: this.#status.status,
    });
  }
}
