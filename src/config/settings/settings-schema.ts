import { ROLES } from "../../device/role.ts";
import {
  booleanFormat,
  brokerFormat,
  brokersFormat,
  choiceFormat,
  durationFormat,
  nameFormat,
  type SettingFormat,
  sparkplugIdFormat,
  textual,
  topicFormat,
  topicsFormat,
} from "./setting-formats.ts";

/** One site setting. */
export interface SettingLeaf {
  readonly doc: string;
  readonly format: SettingFormat;
  /** null: unset, or made from other settings. */
  readonly default: string | boolean | null;
  /** A path, relative to the settings file it stands in, and what takt does there. */
  readonly path?: "read" | "append" | "folder";
}

export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;
export const LOG_FORMATS = ["json", "pretty"] as const;
export const REAL_TIME = ["auto", "off", "required"] as const;

const roleFormat = choiceFormat("role", ROLES);

const file = { format: textual, default: null, path: "read" } as const;

/** All site settings: one list for convict, for the environment, for the JSON Schema and for config/settings.yaml. */
export const SETTINGS = {
  gateway: { doc: "name of this master, in topics and logs; the host's name", format: nameFormat, default: null },
  runtimeDir: {
    doc: "folder of the socket by which takt read, write and scan find this master; $XDG_RUNTIME_DIR/takt",
    format: textual,
    default: null,
    path: "folder",
  },
  storeDir: {
    doc: "folder of what has to outlive a restart; $STATE_DIRECTORY, or ~/.local/state/takt/<gateway>",
    format: textual,
    default: null,
    path: "folder",
  },
  mqtt: {
    url: { doc: "the broker", format: brokerFormat, default: "mqtt://127.0.0.1:1883" },
    root: { doc: "topics begin with this; takt/<gateway>", format: topicFormat, default: null },
    answersUnder: {
      doc: "topics below which a command may have its outcome told; below any, beside the root's own",
      format: topicsFormat,
      default: null,
    },
    clientId: { doc: "by this the broker knows us; takt-<gateway>", format: textual, default: null },
    username: { doc: "user at the broker", format: textual, default: null },
    passwordFile: { doc: "file that holds the password at the broker", ...file },
    keepalive: { doc: "the broker gives us up after 1.5 times this silence", format: durationFormat, default: "10s" },
    safeAfter: {
      doc: "without the broker for so long every output with a safe value takes it; never",
      format: durationFormat,
      default: null,
    },
    tls: {
      caFile: { doc: "certificates that vouch for the broker (PEM); the system's", ...file },
      certFile: { doc: "our certificate (PEM)", ...file },
      keyFile: { doc: "key of our certificate (PEM)", ...file },
      alpn: { doc: "protocol asked for in the handshake, where a port serves several", format: textual, default: null },
    },
    outbox: {
      enabled: { doc: "keep what the broker misses, and send it later", format: booleanFormat, default: true },
      maxAge: { doc: "what is older is not sent any more", format: durationFormat, default: "24h" },
      pace: { doc: "from one stored message that is sent to the next", format: durationFormat, default: "5ms" },
    },
    homeAssistant: {
      enabled: { doc: "tell Home Assistant of every device", format: booleanFormat, default: false },
      prefix: { doc: "its discovery prefix", format: topicFormat, default: "homeassistant" },
    },
    sparkplug: {
      group: {
        doc: "group of this Sparkplug B edge node; with it there is one",
        format: sparkplugIdFormat,
        default: null,
      },
      edgeNode: { doc: "name of the edge node in its group; <gateway>", format: sparkplugIdFormat, default: null },
      primaryHost: { doc: "host without which nothing is told", format: sparkplugIdFormat, default: null },
      servers: { doc: "brokers, walked in order; mqtt.url", format: brokersFormat, default: null },
      only: { doc: "no JSON topics beside it", format: booleanFormat, default: false },
    },
  },
  roles: {
    mqtt: { doc: "what commands over MQTT may do", format: roleFormat, default: "engineer" },
    cli: { doc: "what takt call may do", format: roleFormat, default: "engineer" },
    byTopic: {
      doc: "what is asked below <root>/_as/<role>/ has that role: the broker says who may publish there",
      format: booleanFormat,
      default: false,
    },
  },
  publish: {
    stateInterval: { doc: "full snapshots of a device at most this often", format: durationFormat, default: "1s" },
    heartbeat: { doc: "and at least this often, changed or not", format: durationFormat, default: "60s" },
    statsInterval: { doc: "counters and cycle figures this often", format: durationFormat, default: "10s" },
    bareTags: { doc: "publish every tag's bare value by itself, too", format: booleanFormat, default: false },
  },
  log: {
    level: { doc: "how much is logged", format: choiceFormat("level", LOG_LEVELS), default: "info" },
    format: {
      doc: "one JSON object a line, or for eyes",
      format: choiceFormat("format", LOG_FORMATS),
      default: "json",
    },
    to: { doc: "stdout, stderr, or a file to append to", format: textual, default: "stdout", path: "append" },
  },
  scan: {
    stallTimeout: {
      doc: "without a completed cycle for so long the process ends itself, for its supervisor to restart",
      format: durationFormat,
      default: "2s",
    },
    realTime: {
      doc: "real-time priority for the scan's thread: where permitted, never, or no start without",
      format: choiceFormat("real-time", REAL_TIME),
      default: "auto",
    },
  },
} as const satisfies SettingTree;

export interface SettingTree {
  readonly [key: string]: SettingLeaf | SettingTree;
}

export interface NamedSetting {
  /** `mqtt.url` */
  readonly key: string;
  readonly path: readonly string[];
  /** `TAKT_MQTT_URL` */
  readonly env: string;
  readonly leaf: SettingLeaf;
}

export function isLeaf(node: SettingLeaf | SettingTree): node is SettingLeaf {
  return typeof node["format"] === "object" && "fault" in node["format"];
}

/** Every setting with its names. */
export function allSettings(tree: SettingTree = SETTINGS, above: readonly string[] = []): readonly NamedSetting[] {
  return Object.entries(tree).flatMap(([name, node]) => {
    const path = [...above, name];
    return isLeaf(node) ? [{ key: path.join("."), path, env: envName(path), leaf: node }] : allSettings(node, path);
  });
}

function envName(path: readonly string[]): string {
  return ["takt", ...path].map((word) => word.replaceAll(/[A-Z]/g, "_$&").toUpperCase()).join("_");
}
