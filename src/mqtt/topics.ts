/** The topics of one gateway (docs/mqtt.md). `root` is a topic name without wildcards and without a slash at its ends. */
export interface Topics {
  readonly gateway: (leaf: "status" | "info" | "stats" | "event") => string;
  readonly device: (device: string, leaf: "status" | "meta" | "state" | "data" | "hist" | "alarms") => string;
  readonly tag: (device: string, tag: string) => string;
  /** Where a device is asked. */
  readonly request: (device: string, request: (typeof REQUESTS)[number]) => string;
  readonly result: (device: string, id: string) => string;
  readonly pool: (pool: string, leaf: "state" | "event") => string;
  readonly poolResult: (pool: string, id: string) => string;
  /** Where it is told what came of a decision. */
  readonly poolDecided: (pool: string, id: string) => string;
  /** Which pool is asked what; undefined for any other topic. */
  readonly parsePoolRequest: (topic: string) => PoolRequestTopic | undefined;
  /** Filters of everything that is asked of this gateway. */
  readonly requests: readonly string[];
  /** Which device is asked what; undefined for any other topic. */
  readonly parseRequest: (topic: string) => RequestTopic | undefined;
  /** Whose outcome a topic tells; undefined for any other topic. */
  readonly parseResult: (topic: string) => ResultTopic | undefined;
  /** Whether an answer may be published there: a topic any broker takes, that does not pass for our own state. */
  readonly mayAnswerTo: (topic: string) => boolean;
}

/** What may be asked of a device, each on a topic `<device>/cmd/…` of its own. */
export const REQUESTS = ["set", "call", "arm", "cancel", "service", "ack"] as const;

/** Below it and the name of a role stand the topics of requests once more. */
const AS_ROLE = "_as";

export interface RequestTopic {
  readonly device: string;
  /** As the topic names it; one that is not among {@link REQUESTS} is answered all the same. */
  readonly request: string;
  /** As the topic names it, where it names one: `_as/<role>/…`. */
  readonly role?: string;
}

/** `job`: an order; `decide`: what a person decides about one. */
export interface PoolRequestTopic {
  readonly pool: string;
  readonly request: "job" | "decide";
  readonly role?: string;
}

export interface ResultTopic {
  readonly device: string;
  readonly id: string;
}

/**
 * Most bytes and levels of a topic that is answered on. A publication on a topic that a broker does not take costs the
 * connection: mosquitto ends it for more than 200 levels.
 */
const MOST_TOPIC_BYTES = 256;
const MOST_TOPIC_LEVELS = 16;
/** Wildcards, and what UTF-8 strings should not hold (MQTT 5.0, 1.5.4): control characters, surrogates, non-characters. */
const UNFIT_FOR_TOPIC = /[#+\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

export interface TopicOptions {
  /** Topics below which answers may go beside our own; undefined: below any. */
  readonly answersUnder?: readonly string[] | undefined;
  /** Whoever asks on `_as/<role>/<device>/cmd/…` and `_as/<role>/_pool/…` has that role. */
  readonly byRole?: boolean;
}

export function topicsUnder(root: string, { answersUnder, byRole = false }: TopicOptions = {}): Topics {
  const own = `${root}/`;
  const asked = (topic: string): { readonly levels: readonly string[]; readonly role?: string } | undefined => {
    if (!topic.startsWith(own)) return undefined;
    const levels = topic.slice(own.length).split("/");
    const [area, role, ...rest] = levels;
    return byRole && area === AS_ROLE && role ? { levels: rest, role } : { levels };
  };
  const requests = ["+/cmd/+", "_pool/+/job", "_pool/+/decide"];
  const parseResult = (topic: string): ResultTopic | undefined => {
    if (!topic.startsWith(own)) return undefined;
    const [device, res, id, ...rest] = topic.slice(own.length).split("/");
    return device && res === "res" && id && rest.length === 0 ? { device, id } : undefined;
  };
  return {
    gateway: (leaf) => `${own}_gw/${leaf}`,
    device: (device, leaf) => `${own}${device}/${leaf}`,
    tag: (device, tag) => `${own}${device}/tag/${tag}`,
    request: (device, request) => `${own}${device}/cmd/${request}`,
    result: (device, id) => `${own}${device}/res/${id}`,
    pool: (pool, leaf) => `${own}_pool/${pool}/${leaf}`,
    poolResult: (pool, id) => `${own}_pool/${pool}/res/${id}`,
    poolDecided: (pool, id) => `${own}_pool/${pool}/decided/${id}`,
    parsePoolRequest(topic) {
      const { levels = [], ...how } = asked(topic) ?? {};
      const [area, pool, request, ...rest] = levels;
      if (area !== "_pool" || !pool || rest.length > 0) return undefined;
      return request === "job" || request === "decide" ? { pool, request, ...how } : undefined;
    },
    requests: (byRole ? [own, `${own}${AS_ROLE}/+/`] : [own]).flatMap((above) => requests.map((each) => above + each)),
    parseRequest(topic) {
      const { levels = [], ...how } = asked(topic) ?? {};
      const [device, cmd, request, ...rest] = levels;
      return device && cmd === "cmd" && request && rest.length === 0 ? { device, request, ...how } : undefined;
    },
    parseResult,
    mayAnswerTo(topic) {
      if (!isTopicName(topic)) return false;
      if (topic.startsWith(own)) return parseResult(topic) !== undefined;
      return answersUnder?.some((prefix) => topic === prefix || topic.startsWith(`${prefix}/`)) ?? true;
    },
  };
}

function isTopicName(topic: string): boolean {
  if (topic.startsWith("$") || UNFIT_FOR_TOPIC.test(topic)) return false;
  const levels = topic.split("/");
  return Buffer.byteLength(topic) <= MOST_TOPIC_BYTES && levels.length <= MOST_TOPIC_LEVELS && !levels.includes("");
}
