import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { eventually } from "../support/processes/eventually.ts";
import { freePort } from "../support/processes/free-port.ts";
import type { Program } from "../support/processes/program.ts";
import { SimulatedSite } from "../support/processes/simulated-site.ts";
import { Site, siteSettings, startTakt } from "../support/processes/takt.ts";

/** A server that counts who comes: nobody may, before everything is in order. */
async function listen(): Promise<{ readonly server: Server; readonly port: number; readonly visits: () => number }> {
  let visits = 0;
  const server = createServer((socket) => {
    visits++;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port, visits: () => visits };
}

describe("takt run with something wrong", () => {
  let slave: Awaited<ReturnType<typeof listen>>;
  let broker: Awaited<ReturnType<typeof listen>>;
  let site: Site;
  let takt: Program | undefined;

  const plantOf = (profile: string): string => `plant: one-belt
lines:
  hall: { tcp: { host: 127.0.0.1, port: ${slave.port} }, roundTrip: 1ms }
devices:
  belt: { profile: ${profile}, line: hall, unit: 1 }
`;

  beforeEach(async () => {
    slave = await listen();
    broker = await listen();
    site = await Site.create({
      "plant.yaml": plantOf("takt/conveyor"),
      "settings.yaml": siteSettings(`mqtt://127.0.0.1:${broker.port}`),
    });
  });

  afterEach(async () => {
    await takt?.kill();
    takt = undefined;
    for (const { server } of [slave, broker]) {
      server.close();
      await once(server, "close");
    }
    await site.dispose();
  });

  const refused = async (program: Program, code: number): Promise<string> => {
    takt = program;
    assert.deepEqual(await program.end(), { code, signal: null }, program.out + program.err);
    assert.deepEqual([slave.visits(), broker.visits()], [0, 0], "no socket was opened");
    return program.out + program.err;
  };

  it("names every mistake in the plant and in the settings at once, and opens nothing", async () => {
    await site.write("plant.yaml", plantOf("takt/conveyer"));
    await site.write("settings.yaml", siteSettings(`mqtt://127.0.0.1:${broker.port}`, "scan: { stalTimeout: 2s }\n"));
    const said = await refused(site.run(), 2);
    assert.match(
      said,
      /plant\.yaml:5:20 +device belt: unknown profile "takt\/conveyer"\n +did you mean "takt\/conveyor"/,
    );
    assert.match(said, /settings\.yaml:\d+:9 +unknown setting "scan\.stalTimeout"\n +did you mean "stallTimeout"/);
    assert.match(said, /2 problems\. Nothing was started\.\n$/);
  });

  it("names a variable it does not know", async () => {
    const args = ["run", site.path("plant.yaml"), "--settings", site.path("settings.yaml")];
    const said = await refused(startTakt(args, { TAKT_MQTT_URI: "mqtt://127.0.0.1" }), 2);
    assert.match(said, /unknown variable TAKT_MQTT_URI\n +did you mean "?TAKT_MQTT_URL/);
  });

  it("says which files are not there", async () => {
    const said = await refused(startTakt(["run", "/nowhere/plant.yaml", "--settings", "/nowhere/settings.yaml"]), 2);
    assert.match(said, /\/nowhere\/plant\.yaml/);
    assert.match(said, /\/nowhere\/settings\.yaml/);
  });

  it("says that the file of a password is not there, without a stack", async () => {
    const settings = `gateway: site
mqtt: { url: "mqtt://127.0.0.1:${broker.port}", username: takt, passwordFile: ./no-such-file }
`;
    await site.write("settings.yaml", settings);
    const said = await refused(site.run(), 2);
    assert.match(said, /settings\.yaml:2:\d+ +mqtt\.passwordFile: .*no-such-file cannot be read \(ENOENT\)/);
    assert.doesNotMatch(said, /\n +at /);
  });

  it("says that the log cannot be written, without a stack", async () => {
    await site.write("settings.yaml", "gateway: site\nlog: { to: /nowhere/takt.log }\n");
    const said = await refused(site.run(), 2);
    assert.match(said, /settings\.yaml:2:\d+ +log\.to: \/nowhere\/takt\.log cannot be written \(ENOENT\)/);
    assert.doesNotMatch(said, /\n +at /);
  });

  it("does not start without real-time priority where the settings require it", async () => {
    const settings = siteSettings(`mqtt://127.0.0.1:${broker.port}`, "scan: { realTime: required }\n");
    await site.write("settings.yaml", settings);
    const args = ["run", site.path("plant.yaml"), "--settings", site.path("settings.yaml")];
    const said = await refused(startTakt(args, { PATH: "/nowhere" }), 1);
    assert.match(
      said,
      /no real-time priority.*: chrt is not installed\n +give the service LimitRTPRIO=10 or CAP_SYS_NICE/,
    );
  });

  it("says why the office cannot work with what the files hold, without a stack", async () => {
    await site.write("ca.pem", "no certificate\n");
    await site.write(
      "settings.yaml",
      "gateway: site\nmqtt: { url: mqtts://127.0.0.1, tls: { caFile: ./ca.pem, certFile: ./ca.pem, keyFile: ./ca.pem } }\n",
    );
    assert.match(await refused(site.run(), 1), /^takt: the office did not start: .*PEM.*\n$/);
  });
});

describe("takt run without a broker", () => {
  it("scans and keeps its heartbeat, says so once, and stops in order", async () => {
    const plant = await SimulatedSite.start();
    await plant.site.write("settings.yaml", siteSettings(`mqtt://127.0.0.1:${await freePort()}`));
    const takt = plant.site.run();
    try {
      await eventually(() => plant.writes.length >= 3, 30_000);
      await eventually(() => readFileSync(plant.site.path("takt.log"), "utf8").includes('"mqtt.down"'));
      assert.deepEqual(await takt.stop("SIGTERM"), { code: 0, signal: null });
      assert.equal(plant.belt.get("run"), false);
      assert.equal((await plant.site.log()).match(/"event":"mqtt\.down"/g)?.length, 1);
    } finally {
      await takt.kill();
      await plant.dispose();
    }
  });
});
