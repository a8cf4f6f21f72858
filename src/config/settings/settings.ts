import convict from "convict";
import { dirname, resolve } from "node:path";
import { parseDuration } from "../../kit/duration.ts";
import { invariant } from "../../kit/invariant.ts";
import type { LogLevel } from "../../kit/logger.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { type Ms, ms } from "../../kit/time.ts";
import { didYouMean } from "../../device/did-you-mean.ts";
import type { Finding } from "../../device/finding.ts";
import type { Role } from "../../device/role.ts";
import { type ConfigIssue, sortIssues } from "../source/config-issue.ts";
import { child, entriesOf, type Located, plain } from "../source/located.ts";
import { readYaml } from "../source/read-yaml.ts";
import { shown } from "../source/sentences.ts";
import {
  allSettings,
  isLeaf,
  type LOG_FORMATS,
  type NamedSetting,
  type REAL_TIME,
  SETTINGS,
  type SettingTree,
} from "./settings-schema.ts";
import { issuesAt } from "../source/source.ts";

/** What differs from site to site: the broker, the log, how often is published. */
export interface Settings {
  /** Name of this master: letters, digits, `-`, `_`. */
  readonly gateway: string;
  /** Folder of the control socket; undefined: where commands look by themselves. */
  readonly runtimeDir: string | undefined;
  /** Folder of the store; undefined: where `takt run` puts it by itself. */
  readonly storeDir: string | undefined;
  readonly mqtt: {
    readonly url: string;
    readonly root: string;
    /** Outcomes are told below these and below the root only; undefined: below any topic. */
    readonly answersUnder?: readonly string[] | undefined;
    readonly clientId: string;
    readonly username: string | undefined;
    readonly passwordFile: string | undefined;
    readonly keepalive: Ms;
    /** Outputs go to their safe values after so long without the broker; undefined: never. */
    readonly safeAfter: Ms | undefined;
    readonly tls: {
      readonly caFile: string | undefined;
      readonly certFile: string | undefined;
      readonly keyFile: string | undefined;
      readonly alpn?: string | undefined;
    };
    /** Undefined: what the broker misses is not kept. */
    readonly outbox?: OutboxSettings | undefined;
    /** Undefined: Home Assistant is told nothing. `prefix`: where its discovery topics begin. */
    readonly homeAssistant?: { readonly prefix: string } | undefined;
    /** Undefined: no Sparkplug. */
    readonly sparkplug?: SparkplugSettings | undefined;
  };
  /** Of whoever commands, by the way the command comes. */
  readonly roles: { readonly mqtt: Role; readonly cli: Role; readonly byTopic: boolean };
  readonly publish: {
    readonly stateInterval: Ms;
    readonly heartbeat: Ms;
    readonly statsInterval: Ms;
    readonly bareTags: boolean;
  };
  /** `to` is stdout, stderr or a path. */
  readonly log: { readonly level: LogLevel; readonly format: (typeof LOG_FORMATS)[number]; readonly to: string };
  readonly scan: { readonly stallTimeout: Ms; readonly realTime: (typeof REAL_TIME)[number] };
}

export interface OutboxSettings {
  readonly maxAge: Ms;
  readonly pace: Ms;
}

export interface SparkplugSettings {
  readonly group: string;
  readonly edgeNode: string;
  readonly primaryHost: string | undefined;
  /** At least one. */
  readonly servers: readonly string[];
  /** Instead of the JSON topics, not beside them. */
  readonly only: boolean;
}

export interface SettingsSources {
  /** A YAML file; without one, the defaults and the environment decide. */
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The default for the gateway's name. */
  readonly hostname: string;
}

const ENV_PREFIX = "TAKT_";

/** For the tests of takt itself, which run it with their own environment. */
const NOT_SETTINGS = ["TAKT_REQUIRE_PEERS"];

/** Site settings: defaults, below the file, below the environment. Tells every mistake in them. */
export function loadSettings({ file, env, hostname }: SettingsSources): Result<Settings, readonly ConfigIssue[]> {
  const yaml = file === undefined ? ok(EMPTY) : readYaml(file);
  const ofFile = yaml.ok ? checkTree(emptyAsMap(yaml.value), SETTINGS, []) : [];
  const issues = [
    ...(yaml.ok ? issuesAt({ file: file ?? "", root: yaml.value }, ofFile) : yaml.failure),
    ...checkEnvironment(env),
  ];
  if (!yaml.ok || issues.length > 0) return err(sortIssues(issues));
  const values = merge(file, emptyAsMap(yaml.value), env);
  const settings = settingsOf(values, defaultGateway(hostname));
  const contradictions = [...checkTogether(settings), ...checkSparkplug(values)];
  if (contradictions.length === 0) return ok(settings);
  if (file !== undefined) return err(sortIssues(issuesAt({ file, root: yaml.value }, contradictions)));
  return err(contradictions.map(({ message }) => ({ ...NO_PLACE, message })));
}

const EMPTY: Located = { kind: "map", at: { line: 1, column: 1 }, entries: new Map() };

/** A file of comments alone says nothing, and that is allowed. */
function emptyAsMap(root: Located): Located {
  return root.kind === "scalar" && root.value === null ? EMPTY : root;
}

function checkTree(node: Located, tree: SettingTree, path: readonly string[]): readonly Finding[] {
  const keys = Object.keys(tree);
  if (node.kind !== "map") {
    const message = `${path.length === 0 ? "" : `${path.join(".")}: `}expected a map with ${keys.join(", ")}`;
    return [{ path, message }];
  }
  return entriesOf(node).flatMap(([key, { value }]) => {
    const here = [...path, key];
    const setting = Object.hasOwn(tree, key) ? tree[key] : undefined;
    if (!setting) {
      return [{ path: here, message: `unknown setting "${here.join(".")}"`, hint: didYouMean(key, keys), atKey: true }];
    }
    if (!isLeaf(setting)) return checkTree(value, setting, here);
    const fault = setting.format.fault(plain(value));
    return fault === undefined ? [] : [{ path: here, message: `${here.join(".")}: ${shown(plain(value))} ${fault}` }];
  });
}

/** Of what is in no file. */
export const NO_PLACE = { file: "environment", line: 0, column: 0 };

function checkEnvironment(env: SettingsSources["env"]): readonly ConfigIssue[] {
  const settings = allSettings();
  const known = new Map(settings.map((setting) => [setting.env, setting]));
  return Object.entries(env).flatMap(([name, text]) => {
    if (!name.startsWith(ENV_PREFIX) || text === undefined || NOT_SETTINGS.includes(name)) return [];
    const setting = known.get(name);
    if (!setting) {
      return [{ ...NO_PLACE, message: `unknown variable ${name}`, hint: didYouMean(name, [...known.keys()]) }];
    }
    const fault = setting.leaf.format.fault(setting.leaf.format.coerce(text));
    return fault === undefined ? [] : [{ ...NO_PLACE, message: `${name}: ${shown(text)} ${fault}` }];
  });
}

type Values = ReadonlyMap<string, unknown>;

/** Puts the sources together with convict, which has the last word on whether they are whole. */
function merge(file: string | undefined, root: Located, env: SettingsSources["env"]): Values {
  const settings = allSettings();
  for (const { leaf } of settings) convict.addFormat(convictFormat(leaf.format));
  const known = Object.fromEntries(settings.map((setting) => [setting.env, env[setting.env]]));
  const config = convict<Record<string, unknown>>(convictSchema(SETTINGS, []), { env: known, args: [] });
  config.load(plain(root));
  config.validate({ allowed: "strict" });
  return new Map(settings.map((setting) => [setting.key, absolute(setting, config.get(setting.key), file, root, env)]));
}

function convictFormat({ name, fault, coerce }: NamedSetting["leaf"]["format"]): convict.Format {
  return {
    name,
    validate(value: unknown): void {
      const found = value === null ? undefined : fault(value);
      if (found !== undefined) throw new Error(found);
    },
    coerce: (value: unknown) => (typeof value === "string" ? coerce(value) : value),
  };
}

function convictSchema(tree: SettingTree, above: readonly string[]): convict.Schema<Record<string, unknown>> {
  const entries = Object.entries(tree).map(([key, node]) => {
    if (!isLeaf(node)) return [key, convictSchema(node, [...above, key])] as const;
    const env = allSettings({ [key]: node }, above)[0]?.env;
    return [key, { doc: node.doc, format: node.format.name, default: node.default, nullable: true, env }] as const;
  });
  return Object.fromEntries(entries) as convict.Schema<Record<string, unknown>>;
}

/** A path that stands in the file is relative to the file. */
function absolute(
  { leaf, path, env: variable }: NamedSetting,
  value: unknown,
  file: string | undefined,
  root: Located,
  env: SettingsSources["env"],
): unknown {
  const inFile = env[variable] === undefined && path.reduce<Located | undefined>(child, root) !== undefined;
  if (leaf.path === undefined || typeof value !== "string" || !inFile || file === undefined) return value;
  return STANDARD_STREAMS.includes(value) ? value : resolve(dirname(file), value);
}

/** What a log may be written to besides files. */
export const STANDARD_STREAMS: readonly string[] = ["stdout", "stderr"];

function defaultGateway(hostname: string): string {
  const name = hostname
    .replaceAll(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/^[-_]+/, "")
    .slice(0, 64);
  return name === "" ? "gateway" : name;
}

function settingsOf(values: Values, hostname: string): Settings {
  const text = (key: string): string | undefined => {
    const value = values.get(key);
    return typeof value === "string" ? value : undefined;
  };
  const required = (key: string): string => {
    const value = text(key);
    invariant(value !== undefined, `setting ${key} has neither a value nor a default`);
    return value;
  };
  const list = (key: string): readonly string[] | undefined => {
    const value = values.get(key);
    return Array.isArray(value) ? value.map(String) : undefined;
  };
  const duration = (key: string): Ms => parseDuration(required(key)) ?? ms(0);
  const gateway = text("gateway") ?? hostname;
  return {
    gateway,
    runtimeDir: text("runtimeDir"),
    storeDir: text("storeDir"),
    mqtt: {
      url: required("mqtt.url"),
      root: text("mqtt.root") ?? `takt/${gateway}`,
      answersUnder: list("mqtt.answersUnder"),
      clientId: text("mqtt.clientId") ?? `takt-${gateway}`,
      username: text("mqtt.username"),
      passwordFile: text("mqtt.passwordFile"),
      keepalive: duration("mqtt.keepalive"),
      safeAfter: text("mqtt.safeAfter") === undefined ? undefined : duration("mqtt.safeAfter"),
      tls: {
        caFile: text("mqtt.tls.caFile"),
        certFile: text("mqtt.tls.certFile"),
        keyFile: text("mqtt.tls.keyFile"),
        alpn: text("mqtt.tls.alpn"),
      },
      outbox:
        values.get("mqtt.outbox.enabled") === true
          ? { maxAge: duration("mqtt.outbox.maxAge"), pace: duration("mqtt.outbox.pace") }
          : undefined,
      homeAssistant:
        values.get("mqtt.homeAssistant.enabled") === true
          ? { prefix: required("mqtt.homeAssistant.prefix") }
          : undefined,
      sparkplug: sparkplugOf(values, gateway),
    },
    roles: {
      mqtt: required("roles.mqtt") as Role,
      cli: required("roles.cli") as Role,
      byTopic: values.get("roles.byTopic") === true,
    },
    publish: {
      stateInterval: duration("publish.stateInterval"),
      heartbeat: duration("publish.heartbeat"),
      statsInterval: duration("publish.statsInterval"),
      bareTags: values.get("publish.bareTags") === true,
    },
    log: {
      // what is one of a list was checked against it
      level: required("log.level") as LogLevel,
      format: required("log.format") as Settings["log"]["format"],
      to: required("log.to"),
    },
    scan: {
      stallTimeout: duration("scan.stallTimeout"),
      realTime: required("scan.realTime") as Settings["scan"]["realTime"],
    },
  };
}

/** There is an edge node where it has a group. */
function sparkplugOf(values: Values, gateway: string): SparkplugSettings | undefined {
  const key = (name: string): unknown => values.get(`mqtt.sparkplug.${name}`);
  const group = key("group");
  const edgeNode = key("edgeNode");
  const primaryHost = key("primaryHost");
  const servers = key("servers");
  if (typeof group !== "string") return undefined;
  return {
    group,
    edgeNode: typeof edgeNode === "string" ? edgeNode : gateway,
    primaryHost: typeof primaryHost === "string" ? primaryHost : undefined,
    servers: (Array.isArray(servers) ? servers : [values.get("mqtt.url")]).map(String),
    only: key("only") === true,
  };
}

function checkSparkplug(values: Values): readonly Finding[] {
  if (typeof values.get("mqtt.sparkplug.group") === "string") return [];
  const given = ["edgeNode", "primaryHost", "servers", "only"].find((key) => {
    const value = values.get(`mqtt.sparkplug.${key}`);
    return value !== null && value !== undefined && value !== false;
  });
  if (given === undefined) return [];
  const path = ["mqtt", "sparkplug", given];
  return [{ path, message: `${path.join(".")}: without mqtt.sparkplug.group there is no Sparkplug edge node` }];
}

const SHORTEST_STALL = ms(500);

/** What is right by itself and wrong together. */
function checkTogether({ mqtt, publish, scan }: Settings): readonly Finding[] {
  const findings: Finding[] = [];
  if ((mqtt.tls.certFile === undefined) !== (mqtt.tls.keyFile === undefined)) {
    findings.push({ path: ["mqtt", "tls"], message: "mqtt.tls: certFile and keyFile go together" });
  }
  if (mqtt.passwordFile !== undefined && mqtt.username === undefined) {
    findings.push({ path: ["mqtt", "passwordFile"], message: "mqtt.passwordFile: a password needs a username" });
  }
  if (mqtt.homeAssistant !== undefined && mqtt.sparkplug?.only === true) {
    const message = "mqtt.homeAssistant reads the JSON topics, which mqtt.sparkplug.only takes away";
    findings.push({ path: ["mqtt", "homeAssistant"], message });
  }
  if (scan.stallTimeout < SHORTEST_STALL) {
    const message = "scan.stallTimeout is below 500ms: a busy machine would end a sound master";
    findings.push({ path: ["scan", "stallTimeout"], message });
  }
  if (publish.heartbeat < publish.stateInterval) {
    const message = "publish.heartbeat is shorter than publish.stateInterval, which forbids what it asks for";
    findings.push({ path: ["publish", "heartbeat"], message });
  }
  return findings;
}
