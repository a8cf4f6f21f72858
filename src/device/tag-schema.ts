import { z } from "zod";
import { BYTE_ORDERS } from "../modbus/byte-order.ts";
import { NUMERIC_WORDS, type NumericType } from "../modbus/register-codec.ts";
import { conditions, role } from "./command-schema.ts";
import { bounds, duration, fields, name, rate, text, value, whole } from "./file-words.ts";
import { parseLocation } from "./location.ts";

const NUMERIC_TYPES = Object.keys(NUMERIC_WORDS) as NumericType[];

export const TAG_TYPES = ["bool", ...NUMERIC_TYPES, "string", "enum"] as const;

const LOCATION_RULE =
  'is no location; write table and zero-based address, as in "holding 4", "holding 4.0-7", "coil 0"';

const location = z
  .string({ error: (issue) => (issue.input === undefined ? undefined : LOCATION_RULE) })
  .meta({
    pattern: "^(coil|discrete|input|holding)\\s",
    description: "table (coil, discrete, input, holding), zero-based address, and bits: holding 4.0-7",
  })
  .transform((written, context) => {
    const parsed = parseLocation(written);
    if (parsed.ok) return parsed.value;
    context.issues.push({ code: "custom", message: parsed.failure, input: written });
    return z.NEVER;
  });

export const order = z.enum(BYTE_ORDERS).meta({ description: "order of bytes: ABCD is big-endian throughout" });

const verify = z
  .union([z.enum(["readback", "echo", "none"]), fields({ expect: z.record(name(), value) })])
  .meta({ description: "how it is known that a write had its effect" });

const writeShape = {
  kind: z.enum(["level", "pulse"]).meta({ description: "levels are kept true, pulses are done at most once" }),
  range: bounds().optional().meta({ description: "what may be written, in engineering units" }),
  safe: value.optional().meta({ description: "what is written on an orderly stop; hold leaves the output alone" }),
  ramp: rate().optional().meta({ description: "a level moves to its wanted value no faster than this, as in 0.5/s" }),
  maxChange: z
    .number()
    .positive("has to be above 0")
    .optional()
    .meta({ description: "most that a command may change it at once" }),
  requires: z
    .array(conditions)
    .optional()
    .meta({ description: "interlock: what has to hold for anything but the safe value" }),
  role: role.optional(),
  tolerance: z.number().min(0, "is below 0").optional(),
  verify: verify.optional(),
  readWrite: z.boolean().optional().meta({ description: "written and read back in one request, function 23" }),
  within: duration().optional().meta({ description: "time in which a write must be seen to have its effect" }),
  refresh: duration().optional().meta({ description: "a level is written again this often" }),
  onReturn: z.enum(["safe", "hold", "reassert"]).optional(),
};

/** What may differ from the profile at one device of a plant. */
const variableShape = {
  title: text.optional(),
  class: z.string().optional().meta({ description: "a scan class of the plant, once, or onDemand" }),
  deadband: z.number().min(0, "is below 0").optional(),
  minInterval: duration("zero").optional(),
  maxInterval: duration().optional(),
  maxAge: duration().optional().meta({ description: "how old a good value may be; by default 2.5 of its periods" }),
  order: order.optional(),
  scale: z.number().optional().meta({ description: "engineering value = raw * scale + offset" }),
  offset: z.number().optional(),
  unit: text.optional(),
  valid: bounds().optional().meta({ description: "engineering values outside are bad" }),
};

export const tagSchema = fields({
  at: location,
  type: z.enum(TAG_TYPES).optional(),
  count: whole(2, 125).optional().meta({ description: "consecutive values of this type" }),
  length: whole(1, 250).optional().meta({ description: "bytes of a string" }),
  ...variableShape,
  invalid: z
    .array(z.union([z.number(), z.bigint(), z.string()]))
    .optional()
    .meta({ description: "raw: no value" }),
  values: z.record(z.string(), text).optional().meta({ description: "names of an enumeration by raw value" }),
  group: name().optional().meta({ description: "tags of one group come from one transaction" }),
  overlay: z.boolean().optional().meta({ description: "may lie over other tags" }),
  write: fields(writeShape).optional(),
});

export const tagOverrideSchema = fields({
  ...variableShape,
  write: z.union([z.literal(false), fields({ ...writeShape, kind: writeShape.kind.optional() })]).optional(),
});

/** A tag as a profile states it. */
export type TagFile = z.output<typeof tagSchema>;
export type WriteFile = NonNullable<TagFile["write"]>;
export type TagOverride = z.output<typeof tagOverrideSchema>;
