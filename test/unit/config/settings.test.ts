import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatIssue } from "../../../src/config/source/config-issue.ts";
import { loadSettings, type Settings } from "../../../src/config/settings/settings.ts";
import { allSettings } from "../../../src/config/settings/settings-schema.ts";

const hostname = "edge-7";

describe("site settings", () => {
  let folder = "";
  let file = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "takt-settings-"));
    file = join(folder, "settings.yaml");
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function load(text: string | undefined, env: Record<string, string> = {}): Settings {
    const settings = loadSettings({ file: written(text), env, hostname });
    assert.ok(settings.ok, settings.ok ? "" : JSON.stringify(settings.failure));
    return settings.value;
  }

  function issues(text: string | undefined, env: Record<string, string> = {}): readonly string[] {
    const settings = loadSettings({ file: written(text), env, hostname });
    assert.ok(!settings.ok, "nothing was found wrong");
    return settings.failure.map((issue) => formatIssue({ ...issue, file: issue.file.replace(file, "settings.yaml") }));
  }

  function written(text: string | undefined): string | undefined {
    if (text !== undefined) writeFileSync(file, text);
    return text === undefined ? undefined : file;
  }

  it("have defaults for everything", () => {
    assert.deepEqual(load(undefined), {
      gateway: "edge-7",
      runtimeDir: undefined,
      storeDir: undefined,
      mqtt: {
        url: "mqtt://127.0.0.1:1883",
        root: "takt/edge-7",
        answersUnder: undefined,
        clientId: "takt-edge-7",
        username: undefined,
        passwordFile: undefined,
        keepalive: 10_000,
        safeAfter: undefined,
        tls: { caFile: undefined, certFile: undefined, keyFile: undefined, alpn: undefined },
        outbox: { maxAge: 86_400_000, pace: 5 },
        homeAssistant: undefined,
        sparkplug: undefined,
      },
      roles: { mqtt: "engineer", cli: "engineer", byTopic: false },
      publish: { stateInterval: 1000, heartbeat: 60_000, statsInterval: 10_000, bareTags: false },
      log: { level: "info", format: "json", to: "stdout" },
      scan: { stallTimeout: 2000, realTime: "auto" },
    });
    assert.deepEqual(load("# nothing but a comment\n"), load(undefined));
  });

  it("make a name of the host's name, whatever it is", () => {
    const named = (host: string): string | undefined => {
      const settings = loadSettings({ env: {}, hostname: host });
      return settings.ok ? settings.value.gateway : undefined;
    };
    assert.deepEqual(["edge.plant.local", "_x", "", "a/b+#"].map(named), ["edge-plant-local", "x", "gateway", "a-b-"]);
  });

  it("let the file win over the defaults and the environment over the file", () => {
    const text = "gateway: line-3\nmqtt: { url: 'mqtts://broker:8883', keepalive: 5s }\npublish: { bareTags: true }\n";
    const { gateway, mqtt, publish } = load(text, { TAKT_MQTT_KEEPALIVE: "20s", TAKT_PUBLISH_BARE_TAGS: "false" });
    assert.equal(gateway, "line-3");
    assert.deepEqual([mqtt.url, mqtt.root, mqtt.keepalive], ["mqtts://broker:8883", "takt/line-3", 20_000]);
    assert.equal(publish.bareTags, false);
  });

  it("can all be given by the environment", () => {
    const samples: Readonly<Record<string, string>> = {
      "takt-duration": "60s",
      "takt-boolean": "true",
      "takt-broker": "ws://broker/mqtt",
      "takt-topics": "site/a site/b",
      "takt-brokers": "mqtt://a, mqtt://b",
      "takt-role": "operator",
      "takt-level": "debug",
      "takt-format": "pretty",
      "takt-real-time": "required",
    };
    const env = Object.fromEntries(
      allSettings().map(({ env: name, leaf }) => [name, samples[leaf.format.name] ?? "given"]),
    );
    // beside an edge node alone there is nothing it could read
    const alone = { ...env, TAKT_MQTT_HOME_ASSISTANT_ENABLED: "false" };
    assert.deepEqual(load(undefined, alone), {
      gateway: "given",
      runtimeDir: "given",
      storeDir: "given",
      mqtt: {
        url: "ws://broker/mqtt",
        root: "given",
        answersUnder: ["site/a", "site/b"],
        clientId: "given",
        username: "given",
        passwordFile: "given",
        keepalive: 60_000,
        safeAfter: 60_000,
        tls: { caFile: "given", certFile: "given", keyFile: "given", alpn: "given" },
        outbox: { maxAge: 60_000, pace: 60_000 },
        homeAssistant: undefined,
        sparkplug: {
          group: "given",
          edgeNode: "given",
          primaryHost: "given",
          servers: ["mqtt://a", "mqtt://b"],
          only: true,
        },
      },
      roles: { mqtt: "operator", cli: "operator", byTopic: true },
      publish: { stateInterval: 60_000, heartbeat: 60_000, statsInterval: 60_000, bareTags: true },
      log: { level: "debug", format: "pretty", to: "given" },
      scan: { stallTimeout: 60_000, realTime: "required" },
    });
  });

  it("are refused where a role is none", () => {
    assert.deepEqual(issues("roles: { mqtt: admin }\n"), [
      'settings.yaml:1:16  roles.mqtt: text "admin" is none of observer, operator, engineer',
    ]);
  });

  it("take a path in the file from the file's folder, and one in the environment as it is", () => {
    const text = "mqtt: { username: u, passwordFile: secrets/mqtt }\nlog: { to: stderr }\n";
    const { mqtt, log } = load(text);
    assert.equal(mqtt.passwordFile, join(folder, "secrets/mqtt"));
    assert.equal(log.to, "stderr");
    assert.equal(load(text, { TAKT_MQTT_PASSWORD_FILE: "here" }).mqtt.passwordFile, "here");
  });

  it("tell Home Assistant of the devices where they say so, by the JSON topics", () => {
    assert.deepEqual(load("mqtt: { homeAssistant: { enabled: true } }\n").mqtt.homeAssistant, {
      prefix: "homeassistant",
    });
    assert.equal(load("mqtt: { homeAssistant: { prefix: ha } }\n").mqtt.homeAssistant, undefined);
    assert.deepEqual(issues("mqtt: { homeAssistant: { enabled: true }, sparkplug: { group: g, only: true } }\n"), [
      "settings.yaml:1:9  mqtt.homeAssistant reads the JSON topics, which mqtt.sparkplug.only takes away",
    ]);
  });

  it("make a Sparkplug edge node where there is a group, of the gateway's name and on the one broker", () => {
    assert.deepEqual(load("mqtt: { url: 'mqtt://b', sparkplug: { group: plant 7 } }\n").mqtt.sparkplug, {
      group: "plant 7",
      edgeNode: "edge-7",
      primaryHost: undefined,
      servers: ["mqtt://b"],
      only: false,
    });
  });

  it("are refused where Sparkplug has no group, or names and servers that are none", () => {
    assert.deepEqual(issues("mqtt: { sparkplug: { only: true } }\n"), [
      "settings.yaml:1:28  mqtt.sparkplug.only: without mqtt.sparkplug.group there is no Sparkplug edge node",
    ]);
    assert.deepEqual(issues("mqtt: { sparkplug: { group: a/b, servers: [mqtt://a, b] } }\n"), [
      'settings.yaml:1:29  mqtt.sparkplug.group: text "a/b" is no Sparkplug name; write up to 64 characters without +, / and #',
      "settings.yaml:1:34  mqtt.sparkplug.servers: [mqtt://a, b] is no address of a broker; write mqtt://host:1883, mqtts://host:8883, ws://… or wss://…",
    ]);
  });

  it("are refused with every mistake and its place", () => {
    const text = `gateway: line/3
mqtt:
  url: http://broker
  kepalive: 5s
  root: takt/+/x
  tls: ca.pem
publish: { stateInterval: 5, bareTags: "yes" }
log: { level: loud, to: "" }
scan:
broker: { password: geheim }
`;
    assert.deepEqual(issues(text), [
      'settings.yaml:1:10  gateway: text "line/3" is no name; use letters, digits, - and _, at most 64, beginning with a letter or digit',
      'settings.yaml:3:8  mqtt.url: text "http://broker" is no address of a broker; write mqtt://host:1883, mqtts://host:8883, ws://… or wss://…',
      'settings.yaml:4:3  unknown setting "mqtt.kepalive"\n  did you mean "keepalive"? (known: url, root, answersUnder, clientId, username, passwordFile, keepalive, safeAfter, tls, outbox, homeAssistant, sparkplug)',
      'settings.yaml:5:9  mqtt.root: text "takt/+/x" is no topic; write levels between slashes, without + and #, as in site/area/takt',
      "settings.yaml:6:8  mqtt.tls: expected a map with caFile, certFile, keyFile, alpn",
      "settings.yaml:7:27  publish.stateInterval: 5 is no duration above 0 and up to 24d; write a number and a unit, as in 20ms, 1.5s, 10min",
      'settings.yaml:7:40  publish.bareTags: text "yes" is neither true nor false',
      'settings.yaml:8:15  log.level: text "loud" is none of error, warn, info, debug',
      'settings.yaml:8:25  log.to: text "" is no text, or empty',
      "settings.yaml:9:1  scan: expected a map with stallTimeout, realTime",
      'settings.yaml:10:1  unknown setting "broker"; known: gateway, runtimeDir, storeDir, mqtt, roles, publish, log, scan',
    ]);
  });

  it("refuse an environment that is nearly right", () => {
    assert.deepEqual(
      issues(undefined, {
        TAKT_MQTT_KEEPALIVE: "77x",
        TAKT_MQTT_URI: "mqtt://b",
        TAKT_PUBLISH_BARE_TAGS: "1",
        TAKT_LOG_LEVEL: "",
        PATH: "/bin",
        TAKT_REQUIRE_PEERS: "1",
      }).map((line) => line.split("\n")[0]),
      [
        'environment  TAKT_LOG_LEVEL: text "" is none of error, warn, info, debug',
        'environment  TAKT_MQTT_KEEPALIVE: text "77x" is no duration above 0 and up to 24d; write a number and a unit, as in 20ms, 1.5s, 10min',
        'environment  TAKT_PUBLISH_BARE_TAGS: text "1" is neither true nor false',
        "environment  unknown variable TAKT_MQTT_URI",
      ],
    );
  });

  it("take no secrets, in the broker's address either", () => {
    const [line = ""] = issues("mqtt: { url: 'mqtt://takt:geheim@broker' }\n");
    assert.match(line, /belong into username and passwordFile/);
    assert.doesNotMatch(line, /geheim/);
  });

  it("are refused when right each by itself and wrong together", () => {
    const text =
      "mqtt: { passwordFile: p, tls: { certFile: c } }\npublish: { heartbeat: 500ms }\nscan: { stallTimeout: 10ms }\n";
    assert.deepEqual(
      issues(text).map((line) => line.split(" ")[0]),
      ["settings.yaml:1:23", "settings.yaml:1:26", "settings.yaml:2:23", "settings.yaml:3:23"],
    );
  });

  it("are wrong together by the environment alone, too", () => {
    assert.deepEqual(issues(undefined, { TAKT_SCAN_STALL_TIMEOUT: "10ms" }), [
      "environment  scan.stallTimeout is below 500ms: a busy machine would end a sound master",
    ]);
  });

  it("are told when their file cannot be read", () => {
    const settings = loadSettings({ file: join(folder, "none.yaml"), env: {}, hostname });
    assert.ok(!settings.ok);
    assert.match(settings.failure[0]?.message ?? "", /there is no such file/);
  });

  it("all stand in the reference file, which is right when nothing in it is a comment", () => {
    const reference = readFileSync(new URL("../../../config/settings.yaml", import.meta.url), "utf8");
    const settings = reference.replaceAll(/^# ( *[a-z]+[A-Za-z]*:( |$))/gm, "$1");
    const shown = load(settings);
    assert.deepEqual(shown.publish, load(undefined).publish);
    for (const { path } of allSettings()) assert.match(settings, new RegExp(`^ *${path.at(-1) ?? ""}: \\S`, "m"));
  });
});
