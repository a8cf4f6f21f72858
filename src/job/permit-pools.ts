import type { Plant } from "../config/plant/plant.ts";
import { mailTags } from "../device/mailbox.ts";
import type { Permit } from "../scan/outputs/permit.ts";

/** The mailbox of a device that is in a pool belongs to the pool: nobody else writes a part of it. */
export function permitPools(plant: Pick<Plant, "pools">, permit: Permit): Permit {
  const poolOf = new Map(
    [...plant.pools].flatMap(([pool, devices]) => devices.map((device) => [device, pool] as const)),
  );
  return (entry) => {
    const { device, tag } = entry;
    const pool = poolOf.get(device.name);
    const { mailbox } = device.profile;
    const isOurs = pool !== undefined && mailbox !== undefined && mailTags(mailbox).includes(tag.name);
    if (!isOurs) return permit(entry);
    return { granted: false, reason: `it is a part of the mailbox that pool ${pool} writes: give the pool a job` };
  };
}
