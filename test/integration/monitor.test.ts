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
  let child: ChildProcessByStdio<null, Readable, null>;

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

  const start = (...options: string[]): AsyncIterator<string> => {
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const args = ["--import", "tsx", "src/app/takt.ts", "monitor", "--url", url, ...options];
    child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
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
});
