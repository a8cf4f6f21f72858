import { z } from "zod";
import { ARG_TYPES } from "./device-command.ts";
import { bounds, duration, fields, name, text, value } from "./file-words.ts";
import { ROLES } from "./role.ts";

/** Tags and what they have to be. */
export const conditions = z.record(name(), value).meta({
  description: "tags and what they have to be: a value, a list of which any will do, { not: … }, { above: … }",
});

const step = fields({
  write: z.record(name(), value).optional().meta({ description: "tags and values, written in this order" }),
  expect: conditions.optional(),
  within: duration().optional().meta({ description: "how long to wait for what is expected" }),
  wait: duration().optional().meta({ description: "a pause, as in 200ms" }),
});

const arg = fields({
  title: text.optional(),
  type: z.enum(ARG_TYPES).optional().meta({ description: "number unless default or values say otherwise" }),
  unit: text.optional(),
  range: bounds().optional(),
  values: z.array(text).min(1).optional().meta({ description: "what an enum may be" }),
  default: value.optional().meta({ description: "without it the caller has to give one" }),
});

export const role = z.enum(ROLES).meta({ description: "who may: observer < operator < engineer" });

/** One command of a profile. */
export const commandSchema = fields({
  title: text.optional(),
  args: z.record(name(), arg).optional(),
  requires: z.array(conditions).optional().meta({ description: "what has to hold before it begins, on good inputs" }),
  steps: z.array(step).min(1).meta({ description: "each writes, expects something within a time, or waits" }),
  otherwise: z.array(step).min(1).optional().meta({ description: "what to write when a step did not succeed" }),
  arm: duration().optional().meta({ description: "it has to be armed first, and called within this time" }),
  preempts: z.boolean().optional().meta({ description: "it stops what is under way for its device" }),
  role: role.optional(),
});

export type CommandFile = z.output<typeof commandSchema>;
export type ArgFile = z.output<typeof arg>;
export type StepFile = z.output<typeof step>;
