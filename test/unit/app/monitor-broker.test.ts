import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MonitorBroker, monitorBroker, type MonitorWords } from "../../../src/app/monitor/monitor-broker.ts";
import { formatIssues } from "../../../src/config/source/config-issue.ts";

describe("the broker that takt monitor asks", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "takt-monitor-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const of = (words: MonitorWords, env: Readonly<Record<string, string>> = {}): MonitorBroker => {
    const broker = monitorBroker(words, env);
    assert.ok(broker.ok, broker.ok ? "" : formatIssues(broker.failure));
    return broker.value;
  };
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it("is on this machine, with any gateway, where nobody says anything", () => {
    const { url, root, username } = of({});
    assert.deepEqual([url, root, username], ["mqtt://127.0.0.1:1883", "takt/+", undefined]);
  });

  it("is the master's, by its variables", () => {
    const { url, root } = of({}, { TAKT_MQTT_URL: "mqtt://there:1884", TAKT_GATEWAY: "line-3" });
    assert.deepEqual([url, root], ["mqtt://there:1884", "takt/line-3"]);
    assert.equal(of({}, { TAKT_MQTT_ROOT: "hall/2" }).root, "hall/2");
  });

  it("is the master's, by its settings, with user and password", () => {
    file("secret", "open sesame\n");
    const settings = file(
      "settings.yaml",
      "gateway: g\nmqtt: { username: u, passwordFile: secret }\nlog: { to: /no/folder/log }\n",
    );
    const { root, username, password } = of({ settings });
    assert.deepEqual([root, username, password], ["takt/g", "u", "open sesame"]);
  });

  it("is what the command line says, before everything else", () => {
    const passwordFile = file("other", "xyz");
    const words = { url: "mqtt://here", root: "takt/+", username: "me", passwordFile };
    const env = { TAKT_MQTT_URL: "mqtt://there", TAKT_MQTT_ROOT: "hall", TAKT_MQTT_USERNAME: "you" };
    const { url, root, username, password } = of(words, env);
    assert.deepEqual([url, root, username, password], ["mqtt://here", "takt/+", "me", "xyz"]);
  });

  it("is not guessed where a word is wrong", () => {
    const broker = monitorBroker({ url: "nowhere" }, {});
    assert.ok(!broker.ok);
    assert.match(formatIssues(broker.failure), /^command line {2}--url: text "nowhere" is /);
  });
});
