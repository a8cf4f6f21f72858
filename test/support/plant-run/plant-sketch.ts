import { readPlant } from "../../../src/config/plant/load-plant.ts";
import { formatIssue } from "../../../src/config/source/config-issue.ts";
import type { Plant } from "../../../src/config/plant/plant.ts";
import { ProfileLibrary } from "../../../src/config/profile/profile-library.ts";
import { parseYaml } from "../../../src/config/source/read-yaml.ts";
import type { Source } from "../../../src/config/source/source.ts";
import type { ConfigIssue } from "../../../src/config/source/config-issue.ts";
import { err, ok, type Result } from "../../../src/kit/result.ts";

/** What would stand in a plant file and in those of its profiles. */
export interface PlantSketch {
  readonly plant: { readonly devices: Readonly<Record<string, unknown>> } & Readonly<Record<string, unknown>>;
  /** By name, `maker/model`. */
  readonly profiles: Readonly<Record<string, unknown>>;
}

/** The plant that these files mean, read and checked as `takt run` does; throws where they are not in order. */
export function plantFrom({ plant, profiles }: PlantSketch): Plant {
  const read = readPlant(sourceOf("plant.yaml", plant), new SketchedProfiles(profiles));
  if (!read.ok) throw new Error(read.failure.map(formatIssue).join("\n"));
  return read.value;
}

/** JSON is YAML. */
function sourceOf(file: string, value: unknown): Source {
  const root = parseYaml(JSON.stringify(value), file);
  if (!root.ok) throw new Error(`${file} cannot be read`);
  return { file, root: root.value };
}

class SketchedProfiles extends ProfileLibrary {
  readonly #profiles: Readonly<Record<string, unknown>>;

  constructor(profiles: Readonly<Record<string, unknown>>) {
    super([]);
    this.#profiles = profiles;
  }

  override find(name: string): string | undefined {
    return Object.hasOwn(this.#profiles, name) ? name : undefined;
  }

  override read(name: string): Result<Source, readonly ConfigIssue[]> {
    const profile = this.#profiles[name];
    return profile === undefined ? err([]) : ok(sourceOf(name, profile));
  }

  override names(): readonly string[] {
    return Object.keys(this.#profiles);
  }
}
