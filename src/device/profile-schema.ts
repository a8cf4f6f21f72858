import { z } from "zod";
import { alarmSchema } from "./alarm-schema.ts";
import { FUNCTION_CODES, isFunctionCode } from "../modbus/function-code.ts";
import { MAX_READ_BITS, MAX_READ_REGISTERS, MAX_WRITE_REGISTERS } from "../modbus/limits.ts";
import { commandSchema } from "./command-schema.ts";
import { bounds, duration, fields, name, text, whole } from "./file-words.ts";
import { mailboxSchema } from "./mailbox-schema.ts";
import { order, tagSchema } from "./tag-schema.ts";

export const PROFILE_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_.-]*\/[A-Za-z0-9][A-Za-z0-9_.-]*$/;

export const profileName = z
  .string()
  .regex(PROFILE_NAME_PATTERN, "is no profile name; write maker/model, as in takt/conveyor");

export const timingSchema = fields({
  turnaround: duration("zero").optional().meta({ description: "how long an answer usually takes at worst" }),
  responseTimeout: duration().optional().meta({ description: "after which a late answer is impossible" }),
});

export const limitsSchema = fields({
  readRegisters: whole(1, MAX_READ_REGISTERS).optional(),
  readBits: whole(1, MAX_READ_BITS).optional(),
  writeRegisters: whole(1, MAX_WRITE_REGISTERS).optional(),
  gap: whole(0, 124).optional().meta({ description: "unwanted addresses a read may span between two wanted ones" }),
  window: whole(1, 64).optional().meta({ description: "requests this unit stands at the same time" }),
  mergeWrites: z.boolean().optional().meta({ description: "levels side by side may be written in one request" }),
});

export const parameterValue = z.union([z.number(), z.string(), z.boolean()]);

export const parameterSchema = fields({
  default: parameterValue,
  title: text.optional(),
  range: bounds().optional(),
});

const functionCode = z
  .int()
  .refine(isFunctionCode, { message: `is no function code of takt (${FUNCTION_CODES.join(", ")})` });

export const heartbeatSchema = fields({
  tag: z.string().meta({ description: "a writable tag that the slave's watchdog watches" }),
  every: duration(),
  timeout: duration().meta({ description: "after how long without a heartbeat the slave acts by itself" }),
  covers: z.array(z.string()).min(1).meta({ description: "the outputs that the slave's watchdog brings to rest" }),
});

/** A profile file, `devices/<maker>/<model>.yaml`, once its parameters have been put in. */
export const profileSchema = fields({
  profile: profileName,
  title: text,
  source: text.optional().meta({ description: "where the facts come from: document and page" }),
  order: order.optional(),
  parameters: z.record(name(), parameterSchema).optional(),
  timing: timingSchema.optional(),
  limits: limitsSchema.optional(),
  functions: z.array(functionCode).optional().meta({ description: "function codes the device understands" }),
  tags: z.record(name(), tagSchema),
  commands: z.record(name(), commandSchema).optional().meta({ description: "what the device can be asked to do" }),
  alarms: z.record(name(), alarmSchema).optional().meta({ description: "what needs a person who acts in time" }),
  heartbeat: heartbeatSchema.optional(),
  bootId: z.string().optional().meta({ description: "a tag that holds another value after every start of the device" }),
  mailbox: mailboxSchema.optional().meta({ description: "where the device takes jobs" }),
});

export type ProfileFile = z.output<typeof profileSchema>;
export type ParameterFile = z.output<typeof parameterSchema>;
export type ParameterValue = z.output<typeof parameterValue>;
