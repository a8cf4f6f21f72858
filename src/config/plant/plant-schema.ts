import { z } from "zod";
import { duration, fields, hostName, name, text, whole } from "../../device/file-words.ts";
import { limitsSchema, parameterValue, profileName, timingSchema } from "../../device/profile-schema.ts";
import { tagOverrideSchema } from "../../device/tag-schema.ts";
import { BAUD_RATES, nearestRate, PARITIES } from "../../modbus/serial-format.ts";

export const scanSchema = fields({
  period: duration().optional().meta({ description: "of the scan cycle; 20ms" }),
  classes: z
    .record(name(), duration())
    .optional()
    .meta({ description: "period of every scan class, a multiple of the scan period; fast, normal and slow exist" }),
});

const formatFields = {
  baudRate: z
    .int({ error: (issue) => (typeof issue.input === "number" ? "is no whole number" : undefined) })
    .refine((rate) => BAUD_RATES.includes(rate), {
      error: ({ input }) => `is no baud rate; the nearest is ${nearestRate(Number(input))}`,
    })
    .meta({ enum: BAUD_RATES })
    .optional()
    .meta({ description: "bits per second; 19200" }),
  parity: z.enum(PARITIES).optional().meta({ description: "even" }),
  stopBits: z
    .union([z.literal(1), z.literal(2)], { error: "is neither 1 nor 2" })
    .optional()
    .meta({ description: "1; the specification asks for 2 without parity, most devices do not" }),
};

const USB_ID_RULE = 'is no USB id; write four hexadecimal digits in quotes, as in "0403"';

const usbId = z
  .string({ error: (issue) => (issue.input === undefined ? undefined : USB_ID_RULE) })
  .regex(/^[0-9A-Fa-f]{4}$/, USB_ID_RULE)
  .transform((id) => id.toLowerCase());

const host = hostName.meta({ description: "name or address" });
const port = whole(1, 65_535);

export const serialSchema = fields({
  path: text.optional().meta({ description: "of the port; /dev/serial/by-id/… stays the same after replugging" }),
  vendor: usbId.optional().meta({ description: "USB vendor id of the adapter, instead of a path" }),
  product: usbId.optional().meta({ description: "USB product id of the adapter" }),
  serialNumber: text.optional().meta({ description: "of the adapter, where there are several alike" }),
  ...formatFields,
  driver: z.enum(["serialport", "tty"]).optional().meta({ description: "serialport; tty is for Linux only" }),
  lowLatency: z.boolean().optional().meta({ description: "ask the driver to hand over at once; true" }),
  hostLatency: duration("zero")
    .optional()
    .meta({ description: "what driver and adapter add to a transaction at worst; 2ms, 18ms without lowLatency" }),
});

export const rtuOverTcpSchema = fields({
  host,
  port: port.meta({ description: "of the serial device server; there is no usual one" }),
  ...formatFields,
  packetTime: duration("zero").optional().meta({ description: "silence after which the server sends; 10ms" }),
});

export const gatewaySchema = fields({
  ...formatFields,
  timeout: duration().optional().meta({ description: "after which the gateway itself gives a unit up; 1s" }),
});

/** What leads to a line: each has exactly one of them. */
export const LINE_KINDS = ["tcp", "serial", "rtuOverTcp"] as const;

export const lineSchema = fields({
  tcp: fields({ host, port: port.optional().meta({ description: "502" }) }).optional(),
  serial: serialSchema.optional(),
  rtuOverTcp: rtuOverTcpSchema.optional(),
  gateway: gatewaySchema.optional().meta({ description: "beside tcp: the serial wire behind it" }),
  window: whole(1, 64).optional().meta({ description: "tcp: requests in flight; 1" }),
  roundTrip: duration().optional().meta({
    description: "tcp, rtuOverTcp: within what time the plan expects an answer, or what the network adds; 4ms",
  }),
  connectTimeout: duration().optional().meta({ description: "tcp, rtuOverTcp: 3s" }),
  delayAfterConnect: duration("zero").optional().meta({ description: "pause before the first request; 0ms" }),
  localEcho: z.boolean().optional().meta({ description: "serial, rtuOverTcp: the adapter hears what it sends; false" }),
  broadcastTurnaround: duration("zero")
    .optional()
    .meta({ description: "serial, rtuOverTcp: silence after a broadcast; 100ms" }),
}).meta({ oneOf: LINE_KINDS.map((kind) => ({ required: [kind] })) });

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

/** A program with what differs from the usual; the file alone is the short form. */
export const programSchema = fields({
  file: text.meta({ description: "the module, beside the plant file: ./sorting.ts" }),
  every: duration().optional().meta({ description: "a multiple of the scan period; every cycle" }),
  grace: duration("zero").optional().meta({
    description: "how long it may read what is not good before its outputs go to their safe state; 500ms",
  }),
  budget: duration().optional().meta({ description: "what one run may take; a fifth of the scan period" }),
});

/** A plant file. Its devices are read after `repeat` has been worked off. */
export const plantSchema = fields({
  plant: name(),
  scan: scanSchema.optional(),
  lines: z.record(name(), lineSchema),
  devices: z.record(z.string(), deviceSchema),
  pools: z
    .record(name(), z.array(z.string()).min(1))
    .optional()
    .meta({ description: "like devices that share their work: pickers: [picker1, picker2]" }),
  programs: z
    .array(z.union([text, programSchema]))
    .optional()
    .meta({ description: "what runs in the scan, in this order" }),
});

export type LineFile = z.output<typeof lineSchema>;
export type SerialFile = z.output<typeof serialSchema>;
export type FormatFile = Pick<SerialFile, "baudRate" | "parity" | "stopBits">;
export type DeviceFile = z.output<typeof deviceSchema>;
export type ScanFile = z.output<typeof scanSchema>;
export type ProgramFile = z.output<typeof programSchema>;
