import { formatLocation } from "../../device/location.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import type { Clock } from "../../kit/clock.ts";
import { type Instant, ms, plus } from "../../kit/time.ts";
import type { DeviceRun } from "./device-run.ts";
import type { Kept } from "./kept.ts";

/** How often it is looked whether a device refuses something else. */
const LOOK_EVERY = ms(1000);

export interface HoleMemoryOptions {
  readonly runs: Iterable<DeviceRun>;
  /** By device, as {@link HoleMemory} gave it to `keep` before the restart. */
  readonly recalled: ReadonlyMap<string, unknown>;
  readonly keep: (kept: Kept) => void;
  readonly clock: Clock;
}

/** A refused register of a device: where it lay, and since when, by the wall clock, it has been refused. */
interface Hole {
  readonly at: string;
  readonly since: number;
}

/** Registers that devices refuse, over a restart of the master: what is known to be refused is not asked for in one block. */
export class HoleMemory {
  readonly #options: HoleMemoryOptions;
  readonly #known = new Map<string, ReadonlyMap<string, Hole>>();
  #lookAt: Instant | undefined;

  constructor(options: HoleMemoryOptions) {
    this.#options = options;
  }

  /** Leaves out what was refused when the master ended; gives those tags. */
  recall(): readonly TagEntry[] {
    const { runs, recalled, clock } = this.#options;
    return [...runs].flatMap((run) => {
      const holes = holesOf(recalled.get(run.device.name));
      const entries = run.entries.filter(({ tag }) => holes.get(tag.name)?.at === formatLocation(tag.at));
      if (entries.length === 0) return [];
      this.#known.set(run.device.name, holes);
      const since = Math.max(...entries.map(({ tag }) => holes.get(tag.name)?.since ?? 0));
      run.recallRefused(new Set(entries), clock.now(), ms(Math.max(0, clock.wall() - since)));
      return entries;
    });
  }

  /** Has kept what changed. */
  step(now: Instant): void {
    if (this.#lookAt !== undefined && now < this.#lookAt) return;
    this.#lookAt = plus(now, LOOK_EVERY);
    for (const run of this.#options.runs) this.#look(run);
  }

  #look({ device, refused }: DeviceRun): void {
    const before = this.#known.get(device.name) ?? NONE;
    if (refused.length === 0 && before.size === 0) return;
    const since = Math.round(this.#options.clock.wall());
    const holes = new Map(
      refused.map(({ tag }) => [tag.name, before.get(tag.name) ?? { at: formatLocation(tag.at), since }]),
    );
    if (holes.size === before.size && [...holes.keys()].every((tag) => before.has(tag))) return;
    this.#known.set(device.name, holes);
    const value = holes.size === 0 ? undefined : Object.fromEntries(holes);
    this.#options.keep({ shelf: "holes", key: device.name, value });
  }
}

const NONE: ReadonlyMap<string, Hole> = new Map();

/** What lay in the store is what we put there, or of another version of takt. */
function holesOf(value: unknown): ReadonlyMap<string, Hole> {
  if (typeof value !== "object" || value === null) return NONE;
  return new Map(
    Object.entries(value).flatMap(([tag, hole]: [string, unknown]) => (isHole(hole) ? [[tag, hole]] : [])),
  );
}

function isHole(value: unknown): value is Hole {
  if (typeof value !== "object" || value === null) return false;
  const { at, since } = value as Partial<Hole>;
  return typeof at === "string" && typeof since === "number";
}
