import type { Plant } from "../../config/plant/plant.ts";
import { deviceSchemas } from "./device-schemas.ts";
import { gatewaySchemas } from "./gateway-schemas.ts";
import type { JsonSchema } from "./json-schema.ts";
import { poolSchemas } from "./pool-schemas.ts";

const DRAFT = "http://json-schema.org/draft-07/schema#";

/**
 * The JSON Schema of every payload of a plant, by its topic below the root: `infeed/state`, `_gw/status`. Topics that end with an
 * id stand there without it: `infeed/res`.
 */
export function payloadSchemas({ name, devices, pools }: Plant): ReadonlyMap<string, JsonSchema> {
  const areas: readonly (readonly [string, ReadonlyMap<string, JsonSchema>])[] = [
    ["_gw", gatewaySchemas()],
    ...Array.from(devices, ([device, each]) => [device, deviceSchemas(each)] as const),
    ...Array.from(pools, ([pool, members]) => {
      return [`_pool/${pool}`, poolSchemas(members.flatMap((member) => devices.get(member) ?? []))] as const;
    }),
  ];
  return new Map(
    areas.flatMap(([area, schemas]) =>
      Array.from(schemas, ([leaf, schema]) => {
        const topic = `${area}/${leaf}`;
        return [topic, { $schema: DRAFT, title: `${topic} of plant ${name}`, ...schema }] as const;
      }),
    ),
  );
}
