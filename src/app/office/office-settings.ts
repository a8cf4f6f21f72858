import type { Plant } from "../../config/plant/plant.ts";
import type { Settings } from "../../config/settings/settings.ts";
import type { Scheduling } from "../../link/scheduling.ts";

/** What the office works by; plain data, so that it can be handed to a thread. */
export interface OfficeSettings extends Settings {
  readonly version: string;
}

export function officeSettings(settings: Settings, version: string): OfficeSettings {
  return { ...settings, version };
}

/** Handed to the worker at its start, with its end of the link. */
export interface OfficeBrief {
  readonly plant: Plant;
  readonly settings: OfficeSettings;
  /** Lines that do not hold by the plan's own proof and run all the same, each in a sentence. */
  readonly overloads?: readonly string[];
  /** How the scan's thread is scheduled; told in `_gw/info`. */
  readonly scheduling?: Scheduling;
  /** This life of the master, of which an office that starts anew is still part; `startOffice` gives it. */
  readonly life?: string;
  /** One counter over shared memory: completed cycles; 0 while the scan is not to be watched. */
  readonly cycles: Int32Array;
}
