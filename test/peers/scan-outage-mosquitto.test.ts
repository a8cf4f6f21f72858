import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { CountedValues } from "../support/mqtt/counted-values.ts";
import { CountingSlave } from "../support/slaves/counting-slave.ts";
import { eventually } from "../support/processes/eventually.ts";
import { HostileServer } from "../support/tcp/hostile-server.ts";
import { Mosquitto } from "../support/processes/mosquitto.ts";
import { MqttListener } from "../support/mqtt/mqtt-listener.ts";
import { peer } from "../support/processes/peers.ts";
import type { Program } from "../support/processes/program.ts";
import { Site, SITE_ROOT } from "../support/processes/takt.ts";
import { TcpProxy } from "../support/processes/tcp-proxy.ts";

const PERIOD = 20;
const REPORT_EVERY = 1000;
const OUTAGE = 2500;
/** Reports without an outage before each, and after the last: long enough that takt soon tries again at the next. */
const CALM = 6;
/** Share of the cycles that an outage may cost beyond what calm has cost on this machine. */
const TOLERATED = 0.04;
/** Milliseconds by which the publication of a report may be late. */
const GRID_TOLERANCE = 500;
const plantAt = (port: number): string => `plant: counting
scan: { period: ${PERIOD}ms, classes: { fast: ${PERIOD}ms } }
lines:
  hall: { tcp: { host: 127.0.0.1, port: ${port} }, roundTrip: 1ms }
devices:
  belt: { profile: test/counter, line: hall, unit: 1 }
`;

const PROFILE = `profile: test/counter
title: Counts how often it is read
tags:
  count: { at: input 0, type: uint32, class: fast }
`;

/** The keep-alive lets a blackhole be noticed while it lasts. */
const settingsAt = (port: number): string => `gateway: site
runtimeDir: ./run
storeDir: ./store
mqtt: { url: "mqtt://127.0.0.1:${port}", keepalive: 1s, outbox: { pace: 1ms } }
publish: { statsInterval: ${REPORT_EVERY}ms }
log: { to: ./takt.log }
`;

interface Stats {
  readonly ts: number;
  readonly cycle: {
    readonly total: { readonly cycles: number; readonly skipped: number };
    readonly last: { readonly cycle: number };
  };
  readonly link: { readonly coalesced: number };
  readonly mqtt: { readonly connects: number };
}

describe("the scan of takt, while its mosquitto comes and goes", () => {
  let mosquitto: Mosquitto;
  let proxy: TcpProxy;
  let listener: MqttListener;
  let slave: CountingSlave;
  let server: HostileServer;
  let site: Site;
  let takt: Program | undefined;
  let counted: CountedValues;
  let stats: Stats[];

  before(peer("mosquitto"));

  beforeEach(async () => {
    mosquitto = await Mosquitto.start();
    proxy = await TcpProxy.start(mosquitto.port);
    listener = await MqttListener.connect(mosquitto.url);
    counted = new CountedValues();
    stats = [];
    listener.client.on("message", (topic, payload) => {
      counted.hear(topic, payload.toString());
      if (topic === `${SITE_ROOT}/_gw/stats`) stats.push(JSON.parse(payload.toString()) as Stats);
    });
    slave = new CountingSlave();
    server = await HostileServer.start(slave.script);
    site = await Site.create({
      "plant.yaml": plantAt(server.port),
      "devices/test/counter.yaml": PROFILE,
      "settings.yaml": settingsAt(proxy.port),
    });
  });

  afterEach(async () => {
    await takt?.kill();
    takt = undefined;
    await server.stop();
    await listener.end();
    await proxy.close();
    await mosquitto.dispose();
    await site.dispose();
  });

  /** The report that is heard after `more` others. */
  function report(more: number): Promise<Stats> {
    const at = stats.length + more;
    return eventually(() => stats[at], 30_000);
  }

  /** The share of the cycles that were passed over during `phase`. */
  async function skippedDuring(phase: () => Promise<unknown>): Promise<number> {
    const { total: before } = (stats.at(-1) ?? (await report(0))).cycle;
    await phase();
    const { total: after } = (await report(0)).cycle;
    const skipped = after.skipped - before.skipped;
    return skipped / (skipped + after.cycles - before.cycles);
  }

  /** What the broker took has reached the listener; then it ends, and the next one has its listener before takt comes. */
  async function replaceBroker(end: "kill" | "stop"): Promise<void> {
    proxy.stall();
    await heardItself();
    await mosquitto[end]();
    proxy.refuses = true;
    await pause(OUTAGE);
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

  async function swallow(): Promise<void> {
    proxy.blackhole();
    await pause(OUTAGE);
    proxy.resume();
  }

  const outages = {
    killed: () => replaceBroker("kill"),
    blackholed: swallow,
    restarted: () => replaceBroker("stop"),
  };

  it("runs every cycle and loses no value, be it killed, blackholed or restarted", async function () {
    this.timeout(120_000);
    takt = site.run();
    // The first reports are of the start.
    const first = await report(2);
    const calm = [await skippedDuring(() => report(CALM))];
    const during = new Map<string, number>();
    for (const [outage, run] of Object.entries(outages)) {
      during.set(outage, await skippedDuring(run));
      calm.push(await skippedDuring(() => report(CALM)));
    }
    assert.equal(stats.at(-1)?.mqtt.connects, first.mqtt.connects + during.size);
    assertEveryCycle(stats);
    const usual = Math.max(...calm);
    for (const [outage, skipped] of during)
      assert.ok(
        skipped <= usual + TOLERATED,
        `${skipped} of the cycles skipped while it was ${outage}, ${usual} otherwise`,
      );
    slave.frozen = true;
    // What the office had no time for is overtaken and counted; nothing else is missing.
    const overtaken = stats.at(-1)?.link.coalesced ?? 0;
    await eventually(() => counted.missing(slave.count).length <= overtaken, 30_000);
    counted.assertAll(slave.count, overtaken);
    assert.deepEqual(await takt.stop(), { code: 0, signal: null });
  });
});

/** Every point of the grid is a cycle that ran or one that is said to have been passed over, and the grid keeps time. */
function assertEveryCycle(stats: readonly Stats[]): void {
  for (const [index, { cycle }] of stats.entries())
    assert.equal(cycle.total.cycles + cycle.total.skipped, cycle.last.cycle + 1, `report ${index}`);
  const [first, last] = [stats[0], stats.at(-1)];
  assert.ok(first && last);
  const took = last.ts - first.ts;
  const points = last.cycle.last.cycle - first.cycle.last.cycle;
  assert.ok(Math.abs(points * PERIOD - took) <= GRID_TOLERANCE, `${points} points of the grid in ${took} ms`);
}
