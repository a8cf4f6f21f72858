import type { Device } from "../../src/device/profile.ts";
import type { Random } from "../../src/kit/random.ts";
import type { TagMemory } from "../memory/tag-memory.ts";
import { World } from "../world/world.ts";
import type { Model } from "./model.ts";

export function createModels(
  _devices: readonly Device[],
  _memoryOf: (device: string) => TagMemory,
  _random: Random,
): { readonly world: World; readonly models: ReadonlyMap<string, Model> } {
  return { world: new World(), models: new Map() };
}
