import type { Device } from "../../device/profile.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import type { Instant, Ms } from "../../kit/time.ts";
import type { PlantPicture } from "../plant-picture.ts";
import { TagReports } from "../tag-reports.ts";
import type { DcmdOutcome } from "./dcmd-desk.ts";
import type { DeclaredSample } from "./encode-payload.ts";
import type { CommandMetric, DeviceDeclaration } from "./metric-table.ts";

/** When samples are taken: the monotonic time, and what turns it into wall time. */
export interface Stamp {
  readonly now: Instant;
  readonly wallOffset: Ms;
}

/** The metrics of one device: what they are now, and which of them are to be told. */
export class DeviceMetrics {
  readonly device: Device;
  readonly #declarations: readonly DeviceDeclaration[];
  readonly #picture: PlantPicture;
  readonly #reports: TagReports;
  #commands = 0;
  #outcome: DcmdOutcome | undefined;
  #commandDue = false;

  constructor(device: Device, declarations: readonly DeviceDeclaration[], picture: PlantPicture) {
    this.device = device;
    this.#declarations = declarations;
    this.#picture = picture;
    const tags = declarations.flatMap(({ source }) => (typeof source === "string" ? [] : [source]));
    // Hosts know by the session that a value which is not told anew still holds.
    this.#reports = new TagReports(tags, picture, ({ tag }) => ({ ...tag.report, maxInterval: undefined }));
  }

  /** Takes note of a changed tag; the number of pending changes it overtook, 0 or 1. That nothing is known is no news. */
  changed(entry: TagEntry, now: Instant): number {
    if (!this.#reports.knows(entry.index) && this.#picture.sample(entry.index).reason === "neverRead") return 0;
    return this.#reports.changed(entry.index, now);
  }

  ended(outcome: DcmdOutcome): void {
    this.#commands++;
    this.#outcome = outcome;
    this.#commandDue = true;
  }

  tick(now: Instant): void {
    this.#reports.tick(now);
  }

  get due(): boolean {
    return this.#commandDue || this.#reports.due;
  }

  /** Every metric; all of them are told by that. */
  takeAll(stamp: Stamp): readonly DeclaredSample[] {
    this.#reports.toldAll(stamp.now);
    this.#commandDue = false;
    return this.#declarations.map((declaration) => this.#sample(declaration, stamp));
  }

  /** What changed since it was last told. */
  takeDue(stamp: Stamp): readonly DeclaredSample[] {
    const tags = new Set(this.#reports.take());
    const commandDue = this.#commandDue;
    this.#commandDue = false;
    const due = this.#declarations.filter(({ source }) =>
      typeof source === "string" ? commandDue : tags.has(source.index),
    );
    return due.map((declaration) => this.#sample(declaration, stamp));
  }

  /** Whether the next data tell of the tag. */
  isPending({ index }: TagEntry): boolean {
    return this.#reports.isPending(index);
  }

  /** The tags that changed since they were last told. */
  takeDueTags(stamp: Stamp): readonly DeclaredSample[] {
    this.#commandDue = false;
    return this.takeDue(stamp);
  }

  /** Forgets what is due: nobody hears it, and the next birth tells it all. How many changes that were. */
  drop(): number {
    this.#commandDue = false;
    return this.#reports.drop();
  }

  #sample({ source, ...declared }: DeviceDeclaration, { now, wallOffset }: Stamp): DeclaredSample {
    if (typeof source === "string") {
      const value = this.#commandValue(source);
      return { ...declared, value, quality: "good", timestamp: Math.round(now + wallOffset) };
    }
    const { value, quality } = this.#picture.sample(source.index);
    const read = value === null ? now : (this.#picture.sourceTime(source.index) ?? now);
    return { ...declared, value, quality, timestamp: Math.max(0, Math.round(read + wallOffset)) };
  }

  #commandValue(metric: CommandMetric): string | number | null {
    const values = {
      "Command/Count": this.#commands,
      "Command/Outcome": this.#outcome?.outcome ?? null,
      "Command/Reason": this.#outcome?.reason ?? null,
    } satisfies Record<CommandMetric, string | number | null>;
    return values[metric];
  }
}
