import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { seededRandom } from "../../src/kit/random.ts";
import { countingEdgeNode } from "../support/mqtt/counting-edge-node.ts";
import { countingBridge } from "../support/mqtt/counting-bridge.ts";
import { CountedValues } from "../support/mqtt/counted-values.ts";
import { eventually } from "../support/processes/eventually.ts";
import { Mosquitto } from "../support/processes/mosquitto.ts";
import { MqttListener } from "../support/mqtt/mqtt-listener.ts";
import { peer } from "../support/processes/peers.ts";
import { Program } from "../support/processes/program.ts";
import { SparkplugHost } from "../support/mqtt/sparkplug-host.ts";
import { REPOSITORY } from "../support/processes/takt.ts";
import { TcpProxy } from "../support/processes/tcp-proxy.ts";

const CUTS = 300;
const DEADLINE = 60_000;

describe("values that count up over a mosquitto that comes and goes", function () {
  let mosquitto: Mosquitto;
  let proxy: TcpProxy;
  let listener: MqttListener;
  let folder: string;
  let counted: CountedValues;

  before(peer("mosquitto"));

  beforeEach(async () => {
    mosquitto = await Mosquitto.start();
    proxy = await TcpProxy.start(mosquitto.port);
    listener = await MqttListener.connect(mosquitto.url);
    counted = new CountedValues();
    listener.client.on("message", (topic, payload) => counted.hear(topic, payload.toString()));
    folder = mkdtempSync(join(tmpdir(), "takt-outage-"));
  });

  afterEach(async () => {
    await listener.end();
    await proxy.close();
    await mosquitto.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the broker took before it has reached the listener; then the broker is another one, and the listener there first. */
  async function restartBroker(): Promise<void> {
    proxy.refuses = true;
    proxy.cut();
    await heardItself();
    await mosquitto.kill();
    await mosquitto.start();
    await eventually(() => listener.client.connected, 10_000);
    await listener.client.subscribeAsync({ "#": { qos: 1, rap: true } });
    await heardItself();
    proxy.refuses = false;
  }

  async function heardItself(): Promise<void> {
    const from = listener.heard.length;
    await listener.client.publishAsync("marker", "", { qos: 1 });
    await listener.on("marker", from);
  }

  it(`all arrive once or more, in order: ${CUTS} cuts, now and then after a stall or with a restart of mosquitto`, async function () {
    this.timeout(3 * DEADLINE);
    const random = seededRandom(4);
    const { bridge, broker, outbox, count, close } = await countingBridge(
      join(folder, "store"),
      `mqtt://127.0.0.1:${proxy.port}`,
    );
    let value = 0;
    const counting = setInterval(() => count(++value), 5);
    try {
      let up = false;
      broker.changes.on(({ state }) => (up = state === "up"));
      for (let cut = 0; cut < CUTS; cut++) {
        await eventually(() => up, 20_000);
        await pause(random() * 40);
        if (cut % 25 === 20) {
          proxy.stall();
          await pause(100);
        }
        up = false;
        if (cut % 100 === 50) await restartBroker();
        else proxy.cut();
      }
      clearInterval(counting);
      await eventually(() => outbox.counters().waiting === 0, DEADLINE);
      await heardItself();
      counted.assertAll(value);
      const { connects, dropped, coalesced } = bridge.counters();
      assert.ok(connects > CUTS, `${connects} connections`);
      assert.deepEqual([dropped, coalesced, outbox.counters().dropped], [0, 0, 0]);
    } finally {
      clearInterval(counting);
      await close();
    }
  });

  it("all that were on the disk arrive though the process is killed while the broker is away, again and again", async function () {
    this.timeout(DEADLINE);
    proxy.refuses = true;
    let safe = 0;
    const start = (): Program => {
      const args = ["--import", "tsx", "test/support/mqtt/counting-process.ts", join(folder, "store")];
      const rest = [`mqtt://127.0.0.1:${proxy.port}`, String(safe + 1)];
      return Program.start(process.execPath, [...args, ...rest], { cwd: REPOSITORY });
    };
    for (let life = 0; life < 4; life++) {
      const before = safe;
      const program = start();
      await eventually(() => Number(program.out.trim().split("\n").at(-1)) >= before + 50, DEADLINE);
      await program.kill();
      safe = Number(program.out.slice(0, program.out.lastIndexOf("\n")).split("\n").at(-1));
    }
    proxy.refuses = false;
    const last = start();
    await eventually(() => counted.missing(safe).length === 0, DEADLINE);
    await last.kill();
    counted.assertAll(safe);
  });

  it("all reach a Sparkplug host, historical where the link broke: 60 cuts, each after a stall", async function () {
    this.timeout(2 * DEADLINE);
    const random = seededRandom(5);
    const host = await SparkplugHost.connect(mosquitto.url, "plant/line");
    const { broker, outbox, count, close } = await countingEdgeNode(
      join(folder, "store"),
      `mqtt://127.0.0.1:${proxy.port}`,
    );
    let value = 0;
    const counting = setInterval(() => count(++value), 5);
    try {
      let up = false;
      broker.changes.on(({ state }) => (up = state === "up"));
      for (let cut = 0; cut < 60; cut++) {
        await eventually(() => up, 20_000);
        await pause(random() * 60);
        // What is written from now on is lost with the connection, and nobody says so.
        proxy.stall();
        await pause(30);
        up = false;
        proxy.cut();
      }
      clearInterval(counting);
      await eventually(() => outbox.counters().waiting === 0, DEADLINE);
      const metrics = () => host.heard.flatMap(({ payload, what }) => (what.endsWith("belt") ? payload.metrics : []));
      await eventually(() => {
        const heard = new Set(metrics().map(({ longValue }) => Number(longValue)));
        return Array.from({ length: value }, (_, index) => index + 1).every((each) => heard.has(each));
      }, DEADLINE);
      assert.deepEqual(host.faults, []);
      assert.ok(metrics().some(({ isHistorical }) => isHistorical));
    } finally {
      clearInterval(counting);
      await close();
      await host.end();
    }
  });
});
