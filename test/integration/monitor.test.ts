import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { connectAsync, type MqttClient } from "mqtt";
import { embeddedBroker, type EmbeddedBroker } from "../../src/app/demo/embedded-broker.ts";

describe("takt monitor without a terminal", () => {
  let broker: EmbeddedBroker;
  let publisher: MqttClient;
  let child: ChildProcessByStdio<null, Readable, Readable>;

  beforeEach(async () => {
    broker = await embeddedBroker(0);
    publisher = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, { protocolVersion: 4 });
    const payload = '{"ts":0,"values":{"speed":0.5,"level":null},"bad":{"level":"offline"}}';
    await publisher.publishAsync("takt/gw/belt/state", payload, { qos: 1, retain: true });
  });

  afterEach(async () => {
    child.kill("SIGKILL");
    await publisher.endAsync(true);
    await broker.close();
  });

  const start = (...options: string[]): AsyncIterator<string> => startIn({}, ...options);

  const startIn = (env: Readonly<Record<string, string>>, ...options: string[]): AsyncIterator<string> => {
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const args = ["--import", "tsx", "src/app/takt.ts", "monitor", ...options];
    const environment = { ...process.env, TAKT_MQTT_URL: url, ...env };
    child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], env: environment });
    return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  };

  const next = async (lines: AsyncIterator<string>): Promise<string> => String((await lines.next()).value);

  it("prints what is there and every change as a line, and ends with 0 on SIGINT", async () => {
    const lines = start();
    assert.match(await next(lines), /^[\d:.]+ belt {2}speed 0.5 {2}level – \(bad offline\)$/);
    await publisher.publishAsync("takt/gw/belt/data", '{"ts":0,"values":{"speed":0.6}}', { qos: 1 });
    assert.match(await next(lines), /^[\d:.]+ belt {2}speed 0.6$/);
    const gone = once(child, "exit");
    child.kill("SIGINT");
    assert.deepEqual(await gone, [0, null]);
  });

  it("prints every message as JSON where that is wanted", async () => {
    const message: unknown = JSON.parse(await next(start("--json")));
    assert.deepEqual(message, {
      topic: "takt/gw/belt/state",
      payload: { ts: 0, values: { speed: 0.5, level: null }, bad: { level: "offline" } },
    });
  });

  it("shows the gateway that the master's settings name, and no other", async () => {
    const state = '{"ts":0,"values":{"speed":0.7},"bad":{}}';
    await publisher.publishAsync("takt/other/belt/state", state, { qos: 1, retain: true });
    const lines = startIn({ TAKT_GATEWAY: "other" });
    assert.match(await next(lines), /belt {2}speed 0.7$/);
  });

  it("ends quietly when its reader has gone", async () => {
    const lines = start("--json");
    await next(lines);
    let complaint = "";
    child.stderr.on("data", (text) => (complaint += String(text)));
    const gone = once(child, "exit");
    child.stdout.destroy();
    const over = new AbortController();
    const ended = gone.finally(() => over.abort());
    while (!over.signal.aborted) await publisher.publishAsync("takt/gw/belt/data", "{}", { qos: 1 });
    assert.deepEqual(await ended, [0, null]);
    assert.equal(complaint, "");
  });
});
