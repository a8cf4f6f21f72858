import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Office, startOffice } from "../../src/app/office/start-office.ts";
import { systemClock } from "../../src/kit/system-clock.ts";
import { ms } from "../../src/kit/time.ts";
import type { SampleChange } from "../../src/link/messages.ts";
import { eventually } from "../support/processes/eventually.ts";
import { Mosquitto } from "../support/processes/mosquitto.ts";
import { captureOf } from "../support/mqtt/mqtt-capture.ts";
import { officeBrief } from "../support/scan/office-brief.ts";
import { peer } from "../support/processes/peers.ts";
import { deviceOf, plantOf } from "../support/plants/plant.ts";
import { runProgram } from "../support/processes/program.ts";
import { RecordingRelay } from "../support/tcp/recording-relay.ts";
import { SimulatedSite } from "../support/processes/simulated-site.ts";
import { SparkplugHost } from "../support/mqtt/sparkplug-host.ts";
import { covers } from "../support/mqtt/sparkplug-ids.ts";
import { level } from "../support/plants/scan-plant.ts";
import { tagLike } from "../support/plants/tag.ts";

const NODE = "plant/line";
const plant = plantOf([
  deviceOf("belt", [
    tagLike({ name: "speed" }),
    tagLike({ name: "total", type: "uint64" }),
    tagLike({ name: "setpoint", type: "int16", write: level() }),
  ]),
]);

const good = (tag: number, value: number | bigint): SampleChange => ({
  tag,
  value,
  quality: "good",
  reason: "ok",
  sourceTime: systemClock.now(),
});
const batch = (...samples: SampleChange[]) => ({ kind: "samples", cycle: 1, samples, renewed: [] }) as const;

interface Wanted {
  readonly primaryHost?: string;
  readonly servers?: readonly string[];
  readonly only?: boolean;
}

async function sparkplugOffice(
  url: string,
  { primaryHost, servers = [url], only = true }: Wanted = {},
): Promise<Office> {
  const brief = officeBrief(plant, url, "takt/test");
  const sparkplug = { group: "plant", edgeNode: "line", primaryHost, servers, only };
  const office = await startOffice({
    ...brief,
    settings: { ...brief.settings, mqtt: { ...brief.settings.mqtt, sparkplug } },
  });
  office.link.device({ device: "belt", status: "online", since: systemClock.now(), reason: undefined });
  office.link.samples(batch(good(0, 1), good(1, 2n ** 64n - 1n), good(2, -3)));
  return office;
}

describe("the Sparkplug edge node on a real mosquitto, heard by a host of Tahu's", () => {
  let mosquitto: Mosquitto;
  let relay: RecordingRelay;
  let host: SparkplugHost;
  let office: Office | undefined;

  before(peer("mosquitto"));

  beforeEach(async () => {
    mosquitto = await Mosquitto.start();
    relay = await RecordingRelay.start(mosquitto.port);
    host = await SparkplugHost.connect(mosquitto.url, NODE);
  });

  afterEach(async () => {
    await office?.link.stopped();
    office = undefined;
    await host.end();
    await relay.close();
    await mosquitto.dispose();
  });

  it(
    covers(
      "is born in order, and its data follow without a gap, 64-bit values exact",
      "principles-persistence-clean-session-50",
      "payloads-sequence-num-incrementing",
    ),
    async () => {
      office = await sparkplugOffice(relay.url);
      const birth = await host.message("NBIRTH");
      const device = await host.message("DBIRTH belt");
      assert.deepEqual(
        [birth.packet.qos, birth.packet.retain, birth.payload.seq, device.payload.seq],
        [0, false, "0", "1"],
      );
      const { link } = office;
      const scan = setInterval(() => link.receive(), 5);
      try {
        // Once round: the birth has seq 0, so that of value 2 is 2.
        for (let value = 2; value <= 260; value++) {
          link.samples(batch(good(0, value)));
          const { payload } = await host.message("DDATA belt", {
            from: host.heard.length,
            when: ({ values }) => values.get("speed") === `intValue ${value}`,
          });
          assert.equal(payload.seq, String(value % 256));
        }
      } finally {
        clearInterval(scan);
      }
      assert.deepEqual(host.faults, []);
      const total = [...host.heard]
        .reverse()
        .find(({ values }) => values.has("total"))
        ?.values.get("total");
      assert.equal(total, "longValue 18446744073709551615");
      const connect = relay.sent();
      // Clean start and will flag, will QoS 1, not retained; properties: session expiry 0 (MQTT 5.0, 3.1.2).
      const flags = connect[connect.indexOf("MQTT") + 5] ?? 0;
      assert.deepEqual([flags & 0x02, flags & 0x04, (flags >> 3) & 3, flags & 0x20], [0x02, 0x04, 1, 0]);
      assert.ok(connect.includes(Buffer.from([0x11, 0, 0, 0, 0])));
    },
  );

  it(
    covers(
      "is said to be dead by its will when the connection breaks, and born again with the next bdSeq",
      "message-flow-edge-node-birth-publish-will-message-payload-bdSeq",
    ),
    async () => {
      office = await sparkplugOffice(relay.url);
      const birth = await host.message("NBIRTH");
      await host.message("DBIRTH belt");
      const from = host.heard.length;
      relay.cut();
      const death = await host.message("NDEATH", { from });
      assert.equal(death.values.get("bdSeq"), birth.values.get("bdSeq"));
      assert.deepEqual(death.payload.seq, undefined);
      const again = await host.message("NBIRTH", { from });
      const number = (text = ""): number => Number(text.replace("longValue ", ""));
      assert.equal(number(again.values.get("bdSeq")), (number(birth.values.get("bdSeq")) + 1) % 256);
      await host.message("DBIRTH belt", { from });
      assert.deepEqual(host.faults, []);
    },
  );

  it("is born again when the host asks", async () => {
    office = await sparkplugOffice(relay.url);
    const birth = await host.message("NBIRTH");
    await host.message("DBIRTH belt");
    const from = host.heard.length;
    await host.askRebirth();
    const again = await host.message("NBIRTH", { from });
    await host.message("DBIRTH belt", { from });
    assert.equal(again.values.get("bdSeq"), birth.values.get("bdSeq"));
    assert.equal(relay.connections, 1, "on the same connection");
    assert.deepEqual(host.faults, []);
  });

  it("hands a DCMD to the scan and tells the outcome", async () => {
    office = await sparkplugOffice(relay.url);
    const { payload } = await host.message("DBIRTH belt");
    const alias = payload.metrics.find(({ name }) => name === "setpoint")?.alias;
    assert.ok(alias !== undefined);
    await host.command("belt", { alias, timestamp: String(Date.now()), intValue: 0xffffffff - 6 });
    const { link } = office;
    const command = await eventually(() => link.receive().find((message) => message.kind === "command"));
    assert.ok("set" in command.command);
    assert.deepEqual([command.command.set, command.command.origin], [[["setpoint", -7]], "sparkplug"]);
    const { id } = command.command;
    office.link.result({ id, device: "belt", outcome: "refused", reason: "exception 02", results: {}, took: ms(3) });
    const told = await host.message("DDATA belt", { when: ({ values }) => values.has("Command/Outcome") });
    assert.deepEqual(
      [told.values.get("Command/Outcome"), told.values.get("Command/Reason")],
      ["stringValue refused", "stringValue exception 02"],
    );
  });

  it(
    covers(
      "says at an orderly end that it is dead, then leaves with its will",
      "operational-behavior-edge-node-intentional-disconnect-packet",
      "payloads-ndeath-will-message-publisher-disconnect-mqtt50",
    ),
    async () => {
      office = await sparkplugOffice(relay.url);
      await host.message("DBIRTH belt");
      const from = host.heard.length;
      await office.link.stopped();
      office = undefined;
      await host.message("NDEATH", { from });
      const sent = relay.sent();
      // DISCONNECT, reason 0x04, no properties (MQTT 5.0, 3.14)
      assert.match(sent.subarray(-4).toString("hex"), /^e0020400$|e00104$/);
      assert.ok(sent.lastIndexOf("NDEATH") > sent.indexOf("NBIRTH"), "the death before the goodbye");
    },
  );

  it(covers("goes down to 3.1.1 with a clean session", "principles-persistence-clean-session-311"), async () => {
    relay.refuseVersion5();
    office = await sparkplugOffice(relay.url);
    await host.message("DBIRTH belt");
    const connect = relay.sent();
    const level = connect.indexOf("MQTT") + 4;
    assert.deepEqual([connect[level], (connect[level + 1] ?? 0) & 0x02], [4, 0x02]);
    const from = host.heard.length;
    await office.link.stopped();
    office = undefined;
    await host.message("NDEATH", { from });
  });

  it(
    covers(
      "waits for its primary host, dies when that goes offline, and is on one server at a time",
      "message-flow-edge-node-birth-publish-phid-wait",
      "message-flow-edge-node-birth-publish-phid-offline",
      "operational-behavior-edge-node-termination-host-offline-reconnect",
      "operational-behavior-primary-application-state-with-multiple-servers-walk",
      "operational-behavior-primary-application-state-with-multiple-servers-single-server",
    ),
    async () => {
      const other = await Mosquitto.start();
      const otherRelay = await RecordingRelay.start(other.port);
      const otherHost = await SparkplugHost.connect(other.url, NODE);
      try {
        await host.state("scada", false, 100);
        await otherHost.state("scada", true, 100);
        office = await sparkplugOffice(relay.url, { primaryHost: "scada", servers: [relay.url, otherRelay.url] });
        await otherHost.message("DBIRTH belt");
        assert.equal(relay.open, 0);
        // What a broker says after a DISCONNECT with will: the death of what was never born.
        assert.ok(host.heard.every(({ what }) => what === "NDEATH"));
        await host.state("scada", true, 101);
        await otherHost.state("scada", false, 99);
        await otherHost.state("scada", false, 101);
        await otherHost.message("NDEATH");
        await host.message("DBIRTH belt");
        assert.equal(otherRelay.open, 0);
        assert.deepEqual([...host.faults, ...otherHost.faults], []);
      } finally {
        await office?.link.stopped();
        office = undefined;
        await otherHost.end();
        await otherRelay.close();
        await other.dispose();
      }
    },
  );

  it("speaks beside the JSON topics, or instead of them", async () => {
    const topics: string[] = [];
    host.client.on("message", (topic) => topics.push(topic.split("/")[0] ?? ""));
    await host.client.subscribeAsync("takt/#");
    office = await sparkplugOffice(relay.url);
    await host.message("DBIRTH belt");
    assert.deepEqual([...new Set(topics)], ["spBv1.0"]);
    await office.link.stopped();
    office = await sparkplugOffice(relay.url, { only: false });
    await eventually(() => topics.includes("takt"));
  });

  describe("and tshark", () => {
    before(peer("tshark"));

    it(
      covers(
        "agree on what it sends",
        "message-flow-edge-node-birth-publish-nbirth-payload",
        "message-flow-device-birth-publish-dbirth-payload",
        "topic-structure",
      ),
      async () => {
        office = await sparkplugOffice(relay.url);
        await host.message("DBIRTH belt");
        office.link.samples(batch(good(0, 7)));
        await host.message("DDATA belt");
        const folder = mkdtempSync(join(tmpdir(), "takt-sparkplug-"));
        try {
          const rows = await dissected(folder, relay.sent());
          assert.deepEqual(
            rows
              .filter(([type]) => type !== "")
              .map(([type, group, node, device, , seq]) => [type, group, node, device, seq]),
            [
              ["NBIRTH", "plant", "line", "", "0"],
              ["DBIRTH", "plant", "line", "belt", "1"],
              ["DDATA", "plant", "line", "belt", "2"],
            ],
          );
          const [, , , , names] = rows.find(([type]) => type === "DBIRTH") ?? [];
          assert.match(names ?? "", /^speed,total,setpoint,Command\/Count/);
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      },
    );
  });
});

const FIELDS = ["messagetype", "groupid", "edgenodeid", "deviceid"].map((field) => `sparkplugb.${field}`);
const PROTO = new URL("../../src/mqtt/sparkplug/payload.proto", import.meta.url);
/** By this package Wireshark's dissector knows the payload. */
const PACKAGE = "com.cirruslink.sparkplug.protobuf";

/** Type, group, node, device, names of metrics and seq of each message, by Wireshark's dissectors. */
async function dissected(folder: string, stream: Uint8Array): Promise<readonly (readonly string[])[]> {
  const capture = join(folder, "sparkplug.pcap");
  writeFileSync(capture, captureOf(stream));
  writeFileSync(join(folder, "payload.proto"), readFileSync(PROTO, "utf8").replace("takt.sparkplug", PACKAGE));
  const { code, out, err } = await runProgram("tshark", [
    ...["-r", capture, "-T", "fields", "-E", "occurrence=a"],
    ...[
      "-o",
      `uat:protobuf_search_paths:"${folder}","TRUE"`,
      "-o",
      "protobuf.preload_protos:TRUE",
      "-o",
      "protobuf.pbf_as_hf:TRUE",
    ],
    ...[...FIELDS, `pbf.${PACKAGE}.Metric.name`, `pbf.${PACKAGE}.Payload.seq`].flatMap((field) => ["-e", field]),
  ]);
  assert.equal(code, 0, err);
  return out.split("\n").map((line) => line.split("\t"));
}

describe("the master as a Sparkplug edge node of a simulated belt", function () {
  before(peer("mosquitto"));

  it("is born, is written by DCMD and verifies it, dies by kill -9, and goes on counting after its restart", async () => {
    const mosquitto = await Mosquitto.start();
    const belt = await SimulatedSite.start();
    const host = await SparkplugHost.connect(mosquitto.url, NODE);
    const run = async () => {
      await belt.site.write(
        "settings.yaml",
        `gateway: gw
storeDir: ${belt.site.path("store")}
mqtt: { url: '${mosquitto.url}', sparkplug: { group: plant, edgeNode: line, only: true } }
log: { to: takt.log }
`,
      );
      return belt.site.run();
    };
    let program = await run();
    try {
      const born = await host.message("NBIRTH", { deadline: 20_000 });
      const device = await host.message("DBIRTH belt", { deadline: 20_000 });
      assert.equal(born.values.get("bdSeq"), "longValue 0");
      const setpoint = device.payload.metrics.find(({ name }) => name === "speedSetpoint");
      assert.deepEqual([setpoint?.datatype, setpoint?.alias === undefined], [10, false]);
      await host.command("belt", { alias: setpoint?.alias ?? "", doubleValue: 0.5 });
      const verified = ({ values }: { readonly values: ReadonlyMap<string, unknown> }): boolean =>
        values.get("Command/Outcome") === "stringValue verified";
      await host.message("DDATA belt", { when: verified });
      await host.message("DDATA belt", { when: ({ values }) => values.get("speedSetpoint") === "doubleValue 0.5" });
      assert.equal(belt.belt.get("speedSetpoint"), 0.5);
      await host.command("belt", { name: "speedSetpoint", doubleValue: 3 });
      const rejected = await host.message("DDATA belt", {
        when: ({ values }) => values.get("Command/Outcome") === "stringValue rejected",
      });
      assert.match(String(rejected.values.get("Command/Reason")), /speedSetpoint: 3 is outside 0 to 2/);
      const from = host.heard.length;
      await program.kill();
      const death = await host.message("NDEATH", { from });
      assert.equal(death.values.get("bdSeq"), "longValue 0");
      program = await run();
      const again = await host.message("NBIRTH", { from, deadline: 20_000 });
      assert.equal(again.values.get("bdSeq"), "longValue 1");
      assert.deepEqual(host.faults, []);
    } finally {
      await program.kill();
      await host.end();
      await belt.dispose();
      await mosquitto.dispose();
    }
  });
});
