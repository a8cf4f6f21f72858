import { z } from "zod";
import { duration, fields, hostName, name, whole } from "../device/file-words.ts";
import { limitsSchema, parameterValue, profileName, timingSchema } from "../device/profile-schema.ts";
import { tagOverrideSchema } from "../device/tag-schema.ts";

export const scanSchema = fields({
  period: duration().optional().meta({ description: "of the scan cycle; 20ms" }),
  classes: z
    .record(name(), duration())
    .optional()
    .meta({ description: "period of every scan class, a multiple of the scan period; fast, normal and slow exist" }),
});

export const lineSchema = fields({
  tcp: fields({ host: hostName, port: whole(1, 65_535).optional().meta({ description: "502" }) }),
  window: whole(1, 64).optional().meta({ description: "requests in flight; 1" }),
  connectTimeout: duration().optional().meta({ description: "3s" }),
  delayAfterConnect: duration("zero").optional().meta({ description: "pause before the first request; 0ms" }),
});

const REPEAT_RULE = "is no range; write first..last, as in 1..30";

export const repeatSchema = z
  .record(name(), z.string().regex(/^\d{1,5}\.\.\d{1,5}$/, REPEAT_RULE))
  .meta({ description: "one device for every number of a range: { n: 1..30 } with ${n} in the name" });

export const deviceSchema = fields({
  profile: profileName.meta({ description: "maker/model" }),
  line: z.string(),
  unit: whole(0, 255),
  disabled: z.boolean().optional().meta({ description: "out of service from the start" }),
  timing: timingSchema.optional(),
  limits: limitsSchema.optional(),
  parameters: z.record(name(), parameterValue).optional(),
  controller: name().optional().meta({ description: "one controller behind several devices with the same unit" }),
  tags: z.record(name(), tagOverrideSchema).optional().meta({ description: "what differs from the profile" }),
  repeat: repeatSchema.optional(),
});

/** A plant file. Its devices are read after `repeat` has been worked off. */
export const plantSchema = fields({
  plant: name(),
  scan: scanSchema.optional(),
  lines: z.record(name(), lineSchema),
  devices: z.record(z.string(), deviceSchema),
});

export type LineFile = z.output<typeof lineSchema>;
export type DeviceFile = z.output<typeof deviceSchema>;
export type ScanFile = z.output<typeof scanSchema>;
