import assert from "node:assert/strict";
import { simulatePlant } from "../../../simulators/plant-simulation.ts";
import { ScanSide } from "../../../src/app/scan/scan-side.ts";
import type { CommandResult } from "../../../src/command/command.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { seededRandom } from "../../../src/kit/random.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms, plus } from "../../../src/kit/time.ts";
import { isFunctionCode, isWrite } from "../../../src/modbus/function-code.ts";
import { NO_LAST_STRETCH } from "../../../src/scan/cycle/pacemaker.ts";
import { eventually } from "../../support/processes/eventually.ts";
import { quietLink } from "../../support/scan/quiet-link.ts";
import { RecordingRelay } from "../../support/tcp/recording-relay.ts";
import { demoPlant } from "../../support/slaves/simulated-cell.ts";

/** The writes among the requests of a Modbus/TCP connection: function and first address. */
function writesIn(sent: Buffer): readonly string[] {
  const writes: string[] = [];
  for (let at = 0; at + 8 <= sent.length; at += 6 + sent.readUInt16BE(at + 4)) {
    const code = sent.readUInt8(at + 7);
    if (isFunctionCode(code) && isWrite(code)) writes.push(`${code} at ${sent.readUInt16BE(at + 8)}`);
  }
  return writes;
}

describe("neighbouring outputs of a slave over Modbus/TCP", () => {
  const closings: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const close of closings.splice(0).reverse()) await close();
  });

  for (const mergeWrites of [false, true]) {
    it(`are written ${mergeWrites ? "in one request where its profile allows it" : "one by one otherwise"}`, async () => {
      const demo = demoPlant();
      const cell = demo.lines.get("cell") ?? assert.fail();
      const picker = demo.devices.get("picker1") ?? assert.fail();
      const arm = { ...picker, limits: { ...picker.limits, mergeWrites } };
      const tools = { clock: systemClock, random: seededRandom(1), logger: silentLogger };
      const simulation = await simulatePlant({ lines: [cell], devices: [arm], ...tools, portOverride: 0 });
      closings.push(() => simulation.close());
      const relay = await RecordingRelay.start(simulation.address("cell").port);
      closings.push(() => relay.close());
      const address = { host: "127.0.0.1", port: Number(new URL(relay.url).port) };
      const lines = new Map([["cell", { ...cell, ...address }]]);
      const plant = { ...demo, lines, devices: new Map([["picker1", arm]]), pools: new Map(), programs: [] };
      const link = quietLink();
      const hooks = { onCycle: () => undefined, onBroken: (error: unknown) => assert.fail(String(error)) };
      const rest = { lastStretch: NO_LAST_STRETCH, readOnly: false, statsInterval: ms(1000) };
      const scan = new ScanSide({ plant, link, ...tools, ...rest, ...hooks });
      const stop = (): Promise<unknown> => scan.stop({ holdOutputs: true, by: plus(systemClock.now(), ms(2000)) });
      closings.push(stop);
      scan.start();
      await eventually(() => link.batches.some(({ samples }) => samples.some(({ quality }) => quality === "good")));
      const about = { id: "c1", device: "picker1", ttl: ms(5000), receivedAt: systemClock.now(), origin: "test" };
      const set = [
        ["watchdogTimeout", 3],
        ["speedOverride", 40],
      ] as const;
      link.requests.push({ kind: "command", command: { ...about, set } });
      const { outcome, results } = (await eventually(() => link.outcomes[0])) as CommandResult;
      const sent = writesIn(relay.sent()).filter((write) => /at 1[78]$/.test(write));
      const { memory } = simulation.device("picker1");
      const held = ["watchdogTimeout", "speedOverride"].map((tag) => memory.get(tag));
      assert.equal(outcome, "verified");
      assert.deepEqual([results["watchdogTimeout"]?.readback, results["speedOverride"]?.readback], [3, 40]);
      assert.deepEqual(held, [3, 40]);
      assert.deepEqual(sent, mergeWrites ? ["16 at 17"] : ["6 at 17", "6 at 18"]);
    });
  }
});
