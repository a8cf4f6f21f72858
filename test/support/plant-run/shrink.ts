import type { Plant } from "../../../src/config/plant/plant.ts";
import { type Ms, ms } from "../../../src/kit/time.ts";
import type { Trouble } from "./trouble.ts";

/** A run that can be made smaller. */
export interface Shrinkable {
  readonly span: Ms;
  /** Devices (`d1`) and tags (`d1/holding10`) that are left out. */
  readonly without?: readonly string[] | undefined;
  readonly troubles?: readonly Trouble[] | undefined;
  /** Is never left out. */
  readonly dead?: string | undefined;
}

const SHORTEST = ms(1000);

/** So many smaller runs are tried at most. */
const MOST_TRIES = 300;

/**
 * A run that is as small as leaving out troubles, devices and ever fewer tags, and halving its time, gets it, and of which
 * `fails` is still true. `plantOf` gives what is left of its plant.
 */
export async function shrunk<T extends Shrinkable>(
  failing: T,
  plantOf: (run: T) => Plant,
  fails: (smaller: T) => Promise<boolean>,
): Promise<T> {
  let smallest = failing;
  let tries = 0;
  const next = async (): Promise<T | undefined> => {
    for (const smaller of smallerThan(smallest, plantOf(smallest))) {
      if (tries++ >= MOST_TRIES) return undefined;
      if (await fails(smaller)) return smaller;
    }
    return undefined;
  };
  for (let smaller = await next(); smaller; smaller = await next()) smallest = smaller;
  return smallest;
}

function* smallerThan<T extends Shrinkable>(run: T, plant: Plant): Generator<T> {
  const { span, without = [], troubles = [], dead } = run;
  for (const trouble of troubles) yield { ...run, troubles: troubles.filter((other) => other !== trouble) };
  const devices = [...plant.devices.values()];
  if (devices.length > 1) {
    for (const { name } of devices) if (name !== dead) yield { ...run, without: [...without, name] };
  }
  if (span >= 2 * SHORTEST) yield { ...run, span: ms(Math.ceil(span / 2)) };
  const tags = devices.flatMap((device) =>
    [...device.tags.values()].filter(({ write }) => !write).map((tag) => `${device.name}/${tag.name}`),
  );
  for (let size = Math.ceil(tags.length / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < tags.length; at += size)
      yield { ...run, without: [...without, ...tags.slice(at, at + size)] };
  }
}

/** What a broken promise is about, whatever the figures and names in it are. */
export function kindOf(broken: string | undefined): string | undefined {
  return broken?.replaceAll(/\S*\d\S*/g, "#");
}
