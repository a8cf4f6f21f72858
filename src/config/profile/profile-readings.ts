import type { ScanClasses } from "../../device/build-profile.ts";
import type { ParameterValue } from "../../device/profile-schema.ts";
import type { ConfigIssue } from "../source/config-issue.ts";
import type { ProfileLibrary } from "./profile-library.ts";
import { type ProfileReading, readProfile } from "./read-profile.ts";

/** The profiles of one plant: each file is read once for every set of parameters, and its own issues are told once. */
export class ProfileReadings {
  readonly #library: ProfileLibrary;
  readonly #classes: ScanClasses;
  readonly #readings = new Map<string, ProfileReading>();
  readonly #issues: ConfigIssue[] = [];
  readonly #unreadable = new Set<string>();

  constructor(library: ProfileLibrary, classes: ScanClasses) {
    this.#library = library;
    this.#classes = classes;
  }

  /** What is wrong with the profiles asked for so far, their parameters at their defaults. */
  get issues(): readonly ConfigIssue[] {
    return this.#issues;
  }

  /** The profile at its defaults, `unknown` where there is none, `unreadable` where its file is no YAML. */
  byDefault(name: string): ProfileReading | "unknown" | "unreadable" {
    const before = this.#readings.get(name);
    if (before) return before;
    if (this.#unreadable.has(name)) return "unreadable";
    const file = this.#library.find(name);
    if (file === undefined) return "unknown";
    const source = this.#library.read(file);
    if (!source.ok) {
      this.#unreadable.add(name);
      this.#issues.push(...source.failure);
      return "unreadable";
    }
    const reading = readProfile(source.value, { name, classes: this.#classes });
    this.#issues.push(...reading.issues);
    this.#readings.set(name, reading);
    return reading;
  }

  /** The profile with what a device gives; `base` is what {@link byDefault} gave. */
  withParameters(name: string, base: ProfileReading, given: Readonly<Record<string, ParameterValue>>): ProfileReading {
    const key = `${name} ${JSON.stringify(given)}`;
    const before = this.#readings.get(key);
    if (before) return before;
    const file = this.#library.find(name);
    const source = file === undefined ? undefined : this.#library.read(file);
    if (!source?.ok) return base;
    const parameters = new Map(Object.entries(given));
    const reading = readProfile(source.value, { name, classes: this.#classes, parameters });
    this.#readings.set(key, reading);
    return reading;
  }

  names(): readonly string[] {
    return this.#library.names();
  }
}
