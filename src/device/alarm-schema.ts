import { z } from "zod";
import { PRIORITIES } from "./alarm.ts";
import { conditions } from "./command-schema.ts";
import { duration, fields, text } from "./file-words.ts";

/** One alarm of a profile. */
export const alarmSchema = fields({
  when: conditions.meta({
    description: "tags and what they have to be, all of them at once; { above: 80, deadband: 2 } for numbers",
  }),
  text: text.meta({ description: "what is wrong, for the operator" }),
  priority: z.enum(PRIORITIES).optional().meta({ description: "medium unless said otherwise" }),
  after: duration("zero").optional().meta({ description: "on-delay: how long it has to stand before it is raised" }),
  clearAfter: duration("zero").optional().meta({ description: "off-delay: how long it has to be gone" }),
  latch: z.boolean().optional().meta({ description: "stays active until somebody acknowledges it once it is gone" }),
});

export type AlarmFile = z.output<typeof alarmSchema>;
