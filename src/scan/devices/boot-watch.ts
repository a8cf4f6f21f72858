import type { Device } from "../../device/profile.ts";
import type { Sample, Value } from "../../device/quality.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import type { Instant } from "../../kit/time.ts";
import { type InputImage, sameValue } from "../image/process-image.ts";

/** A device that has started anew without having been missed. */
export interface Reboot {
  readonly device: Device;
  readonly before: Value;
  readonly now: Value;
}

interface Watched {
  readonly entry: TagEntry;
  /** Of the start that is known; undefined: it was never read, or the device was away since. */
  known: Value | undefined;
}

/** Sees restarts of the devices whose profile names a tag that tells one start from the next (`bootId`). */
export class BootWatch {
  readonly #watched: ReadonlyMap<Device, Watched>;

  constructor(entries: readonly TagEntry[]) {
    const named = entries.filter(({ device, tag }) => device.profile.bootId === tag.name);
    this.#watched = new Map(named.map((entry) => [entry.device, { entry, known: undefined }]));
  }

  /** The devices in which the image shows another start than the one before; each is told once. */
  look(image: InputImage): readonly Reboot[] {
    const reboots: Reboot[] = [];
    for (const watched of this.#watched.values()) {
      const { value, quality } = image.sample(watched.entry.index);
      if (quality !== "good" || value === null) continue;
      const before = watched.known;
      watched.known = value;
      if (before !== undefined && !sameValue(before, value))
        reboots.push({ device: watched.entry.device, before, now: value });
    }
    return reboots;
  }

  /** The device was away, and what becomes of its outputs has been decided: its next start is the known one. */
  forget(device: Device): void {
    const watched = this.#watched.get(device);
    if (watched) watched.known = undefined;
  }

  /**
   * Whether what was read of the device until `since` is known to be of the start that is known. True where nobody can
   * tell: its profile names no such tag, or the device does not show it.
   */
  vouches(device: Device, since: Instant, image: InputImage): boolean {
    const watched = this.#watched.get(device);
    if (!watched) return true;
    const sample = image.sample(watched.entry.index);
    return sample.reason === "refused" || sample.reason === "neverRead" || readAfter(sample, since);
  }
}

function readAfter({ quality, sourceTime }: Sample, since: Instant): boolean {
  return quality === "good" && sourceTime !== undefined && sourceTime > since;
}
