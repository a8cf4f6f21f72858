import { DURATION_PATTERN, parseDuration } from "../../kit/duration.ts";
import { LONGEST_SPAN, NAME_PATTERN, NAME_RULE } from "../../device/file-words.ts";

/** What a setting may be worth: judged strictly, for convict's own formats take 77x for 77. */
export interface SettingFormat {
  readonly name: string;
  /** What is wrong with the value, to be read after it ("is no duration"); undefined when nothing is. */
  readonly fault: (value: unknown) => string | undefined;
  /** What an environment variable's text stands for. */
  readonly coerce: (text: string) => unknown;
  readonly jsonSchema: Readonly<Record<string, unknown>>;
}

function textFormat(name: string, rule: string, fits: (text: string) => boolean, pattern?: RegExp): SettingFormat {
  return {
    name,
    fault: (value) => (typeof value === "string" && fits(value) ? undefined : rule),
    coerce: (text) => text,
    jsonSchema: { type: "string", ...(pattern === undefined ? {} : { pattern: pattern.source }) },
  };
}

const DURATION_RULE = "is no duration above 0 and up to 24d; write a number and a unit, as in 20ms, 1.5s, 10min";

function isTimerSpan(span: number | undefined): boolean {
  return span !== undefined && span > 0 && span <= LONGEST_SPAN;
}

export const durationFormat = textFormat(
  "takt-duration",
  DURATION_RULE,
  (text) => isTimerSpan(parseDuration(text)),
  DURATION_PATTERN,
);

export const nameFormat = textFormat("takt-name", NAME_RULE, (text) => NAME_PATTERN.test(text), NAME_PATTERN);

export const textual = textFormat("takt-text", "is no text, or empty", (text) => text.trim() !== "", /\S/);

/** Characters that MQTT 5 (4.7) keeps for filters, and empty levels, have no place in a topic. */
const TOPIC_PATTERN = /^(?!\$)[^+#/\u0000]+(\/[^+#/\u0000]+)*$/;

export const topicFormat = textFormat(
  "takt-topic",
  "is no topic; write levels between slashes, without + and #, as in site/area/takt",
  (text) => TOPIC_PATTERN.test(text),
  /^(?!\$)[^+#/]+(\/[^+#/]+)*$/,
);

/** Several topics: a list in a file, words in a variable. */
export const topicsFormat: SettingFormat = {
  name: "takt-topics",
  fault(value) {
    if (!Array.isArray(value) || value.length === 0) return "is no list of topics";
    return value.map((each: unknown) => topicFormat.fault(each)).find((fault) => fault !== undefined);
  },
  coerce: (text) => text.split(/\s+/).filter((word) => word !== ""),
  jsonSchema: { type: "array", minItems: 1, items: topicFormat.jsonSchema },
};

const BROKER_SCHEMES = ["mqtt:", "mqtts:", "ws:", "wss:"];

export const brokerFormat: SettingFormat = {
  name: "takt-broker",
  fault(value) {
    const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
    if (!url || !BROKER_SCHEMES.includes(url.protocol) || url.hostname === "") {
      return "is no address of a broker; write mqtt://host:1883, mqtts://host:8883, ws://… or wss://…";
    }
    return url.username === "" && url.password === ""
      ? undefined
      : "holds a user or a password; they belong into username and passwordFile";
  },
  coerce: (text) => text,
  jsonSchema: { type: "string", pattern: "^(mqtts?|wss?)://[^/@]+(/[^@]*)?$" },
};

/** Several brokers: a list in a file, words in a variable. */
export const brokersFormat: SettingFormat = {
  name: "takt-brokers",
  fault(value) {
    if (!Array.isArray(value) || value.length === 0) return "is no list of addresses of brokers";
    const faults = value.map((each: unknown) => brokerFormat.fault(each));
    return faults.find((fault) => fault !== undefined);
  },
  coerce: (text) => text.split(/[\s,]+/).filter((word) => word !== ""),
  jsonSchema: { type: "array", minItems: 1, items: brokerFormat.jsonSchema },
};

/** Names that Sparkplug puts into topics (3.0.0, 4.1): without the characters MQTT keeps for itself. */
export const sparkplugIdFormat = textFormat(
  "takt-sparkplug-id",
  "is no Sparkplug name; write up to 64 characters without +, / and #",
  (text) => /^[^+#/\p{Cc}\p{Cs}]{1,64}$/u.test(text) && text.trim() === text,
  /^[^+#/]{1,64}$/,
);

export const booleanFormat: SettingFormat = {
  name: "takt-boolean",
  fault: (value) => (typeof value === "boolean" ? undefined : "is neither true nor false"),
  coerce: (text) => (text === "true" ? true : text === "false" ? false : text),
  jsonSchema: { type: "boolean" },
};

export function choiceFormat(name: string, choices: readonly string[]): SettingFormat {
  return {
    name: `takt-${name}`,
    fault: (value) => (choices.some((choice) => choice === value) ? undefined : `is none of ${choices.join(", ")}`),
    coerce: (text) => text,
    jsonSchema: { enum: choices },
  };
}
