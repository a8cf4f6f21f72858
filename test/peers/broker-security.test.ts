import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { createServer, type TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import type { IClientOptions } from "mqtt";
import { type Office, startOffice } from "../../src/app/office/start-office.ts";
import type { OfficeSettings } from "../../src/app/office/office-settings.ts";
import { systemClock } from "../../src/kit/system-clock.ts";
import { Authority, type CertificateFiles } from "../support/processes/certificates.ts";
import { eventually } from "../support/processes/eventually.ts";
import { Mosquitto } from "../support/processes/mosquitto.ts";
import { MqttListener } from "../support/mqtt/mqtt-listener.ts";
import { officeBrief } from "../support/scan/office-brief.ts";
import { peer, programPath } from "../support/processes/peers.ts";
import { deviceOf, plantOf } from "../support/plants/plant.ts";
import { level } from "../support/plants/scan-plant.ts";
import { tagLike } from "../support/plants/tag.ts";

const ACL = fileURLToPath(new URL("../../deploy/mosquitto.acl", import.meta.url));
const USERS = ["takt", "operator", "engineer", "scada", "dashboard", "foreigner"];

const plant = plantOf([deviceOf("belt", [tagLike({ name: "speed", write: level() })])]);

/** Every command that reached the scan. */
function commandsOf(office: Office): readonly string[] {
  return office.link.receive().flatMap((message) => (message.kind === "command" ? [message.command.id] : []));
}

describe("a link to a mosquitto that lets in whom it knows, with deploy/mosquitto.acl", () => {
  /** Another one for each test: the broker keeps what is retained. */
  let root = "";
  let belt = "";
  let tests = 0;
  let logFile = "";
  let starts = 0;
  let folder: string;
  let authority: Authority;
  let own: CertificateFiles;
  let mosquitto: Mosquitto;
  let office: Office | undefined;
  const clients: MqttListener[] = [];

  before(peer("mosquitto", "openssl"));

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "takt-security-"));
    authority = new Authority(folder);
    own = authority.issue("takt");
    const server = authority.issue("broker");
    const passwords = join(folder, "passwords");
    writeFileSync(passwords, USERS.map((user) => `${user}:secret of ${user}\n`).join(""));
    execFileSync(programPath("mosquitto_passwd") ?? "mosquitto_passwd", ["-U", passwords]);
    const tls = [`cafile ${authority.ca}`, `certfile ${server.cert}`, `keyfile ${server.key}`];
    mosquitto = await Mosquitto.start([
      ...tls,
      ...["require_certificate true", `user ${userInfo().username}`],
      ...["allow_anonymous false", `password_file ${passwords}`, `acl_file ${ACL}`],
    ]);
  });

  beforeEach(() => {
    root = `takt/gw${++tests}`;
    belt = `${root}/belt`;
  });

  after(async () => {
    await mosquitto.dispose();
    rmSync(folder, { recursive: true });
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.end()));
    await office?.link.stopped();
    office = undefined;
  });

  async function start(given: Partial<OfficeSettings["mqtt"]> = {}): Promise<Office> {
    const passwordFile = join(folder, "password");
    writeFileSync(passwordFile, "secret of takt\n");
    const brief = officeBrief(plant, `mqtts://127.0.0.1:${mosquitto.port}`, root);
    const tls = { caFile: authority.ca, certFile: own.cert, keyFile: own.key };
    const mqtt = { ...brief.settings.mqtt, username: "takt", passwordFile, tls, ...given };
    logFile = join(folder, `log-${++starts}`);
    const log = { level: "warn", format: "json", to: logFile } as const;
    office = await startOffice({ ...brief, settings: { ...brief.settings, mqtt, log } });
    return office;
  }

  /** Why the master was not let in, once it was not. */
  async function turnedAway(): Promise<string> {
    const told = await eventually(() => /"mqtt.down","reason":"([^"]*)"/.exec(readFileSync(logFile, "utf8")) ?? false);
    return told[1] ?? "";
  }

  async function as(user: string, options: IClientOptions = {}): Promise<MqttListener> {
    const { cert, key } = own;
    const client = await MqttListener.connect(`mqtts://127.0.0.1:${mosquitto.port}`, {
      username: user,
      password: `secret of ${user}`,
      ca: readFileSync(authority.ca),
      cert: readFileSync(cert),
      key: readFileSync(key),
      ...options,
    });
    clients.push(client);
    return client;
  }

  /** Whether the broker took it. */
  async function publish(client: MqttListener, topic: string, payload: string | Buffer): Promise<boolean> {
    return client.client.publishAsync(topic, payload, { qos: 1 }).then(
      () => true,
      () => false,
    );
  }

  const set = (id: string): string => JSON.stringify({ id, set: { speed: 1 } });

  it("takt is let in by its certificate and its password from a file, and an operator commands it", async () => {
    const master = await start();
    const operator = await as("operator");
    await operator.on(`${belt}/state`);
    assert.equal(await publish(operator, `${belt}/cmd/set`, set("a1")), true);
    assert.deepEqual(
      await eventually(() => {
        const commands = commandsOf(master);
        return commands.length > 0 && commands;
      }),
      ["a1"],
    );
  });

  it("nobody else commands, speaks for takt, or hears what it is not to hear", async () => {
    const master = await start();
    const operator = await as("operator");
    await operator.on(`${belt}/state`);
    for (const user of ["dashboard", "foreigner", "scada"]) {
      const client = await as(user);
      for (const request of ["set", "call", "arm", "cancel", "service", "ack"])
        assert.equal(await publish(client, `${belt}/cmd/${request}`, set("f1")), false, `${user} ${request}`);
      assert.equal(await publish(client, `${root}/_pool/p/job`, set("f2")), false, user);
      assert.equal(await publish(client, `${belt}/state`, "{}"), false, user);
    }
    assert.equal(await publish(operator, `${belt}/cmd/service`, '{"id":"s1","enabled":false}'), false);
    assert.equal(await publish(operator, "spBv1.0/g/NCMD/n", "x"), false);
    assert.equal(await publish(operator, `${belt}/cmd/set`, set("last")), true);
    const reached: string[] = [];
    await eventually(() => reached.push(...commandsOf(master)) > 0);
    assert.deepEqual(reached, ["last"]);
    const [foreigner] = clients.filter((each) => each.client.options.username === "foreigner");
    assert.deepEqual(foreigner?.heard, []);
  });

  it("tells outcomes below the topics it is allowed to, and on res what somebody wants elsewhere", async () => {
    const master = await start({ answersUnder: ["clients"] });
    const operator = await as("operator");
    await operator.on(`${belt}/state`);
    for (const [id, responseTopic] of [
      ["mine", "clients/operator/answers"],
      ["theirs", "spBv1.0/STATE/scada"],
    ] as const) {
      await operator.client.publishAsync(
        `${belt}/cmd/set`,
        JSON.stringify({ id, set: { speed: 1 }, ttl: "for ever" }),
        {
          qos: 1,
          properties: { responseTopic },
        },
      );
    }
    assert.match((await operator.on("clients/operator/answers")).text, /"id":"mine","outcome":"rejected"/);
    assert.match((await operator.on(`${belt}/res/theirs`)).text, /"outcome":"rejected"/);
    assert.deepEqual(commandsOf(master), []);
  });

  it("whose certificate has expired, is another authority's or is missing is not let in", async () => {
    const expired = authority.issue("late", -1);
    const foreign = new Authority(folder, "foreign").issue("intruder");
    const operator = await as("operator");
    for (const files of [expired, foreign, undefined]) {
      const from = operator.heard.length;
      await start({ tls: { caFile: authority.ca, certFile: files?.cert, keyFile: files?.key } });
      await turnedAway();
      await office?.link.stopped();
      office = undefined;
      assert.deepEqual(
        operator.heard.slice(from).filter(({ topic }) => topic.startsWith(root)),
        [],
      );
    }
    await start();
    await operator.on(`${belt}/state`);
  });

  it("trusts no broker whose certificate is another authority's", async () => {
    const operator = await as("operator");
    const foreign = new Authority(folder, "other");
    await start({ tls: { caFile: foreign.ca, certFile: own.cert, keyFile: own.key } });
    assert.match(await turnedAway(), /certificate/);
    assert.ok(operator.heard.every(({ topic }) => !topic.startsWith(root)));
  });

  it("a payload bomb changes nothing", async () => {
    const master = await start();
    const operator = await as("operator");
    await operator.on(`${belt}/state`);
    const bombs: readonly (string | Buffer)[] = [
      Buffer.alloc(8 << 20, "["),
      `{"id":"b1","set":${"[".repeat(6000)}${"]".repeat(6000)}}`,
      `{"id":"b2","set":{"a":${'{"a":'.repeat(3000)}1${"}".repeat(3000)}}}`,
      '{"id":"b3","set":{"speed":NaN}}',
      '{"id":"b4","set":{"speed":1e999}}',
      '{"id":"b5","set":{"speed":{"valueOf":1}}}',
      '{"id":"b6","set":{"__proto__":{"speed":1}}}',
      '{"__proto__":{"id":"b7"},"set":{"speed":1}}',
      '{"id":{"toString":1},"set":{"speed":1}}',
      '{"id":"b9","set":{"speed":1},"ttl":"9999999999d"}',
      Buffer.from([0xff, 0xfe, 0x00, 0x80]),
      Buffer.alloc(0),
    ];
    for (const bomb of bombs)
      for (const request of ["set", "call", "ack", "cancel"]) await publish(operator, `${belt}/cmd/${request}`, bomb);
    await publish(operator, `${belt}/cmd/set`, set("good"));
    const reached: string[] = [];
    await eventually(() => reached.push(...commandsOf(master)) > 0);
    assert.deepEqual(reached, ["good"]);
    assert.ok(
      operator.heard.every(({ text }) => !text.includes('"lost"')),
      "the connection stood",
    );
    master.link.samples({
      cycle: 1,
      samples: [{ tag: 0, value: 5, quality: "good", reason: "ok", sourceTime: systemClock.now() }],
      renewed: [],
    });
    assert.match((await operator.on(`${belt}/data`)).text, /"speed":5/);
  });

  describe("at another server", () => {
    it("asks for the protocol of the settings where the port serves several, with TLS 1.2 at least", async () => {
      const { cert, key } = authority.issue("multi");
      const server = createServer({
        cert: readFileSync(cert),
        key: readFileSync(key),
        ALPNProtocols: ["http/1.1", "mqtt"],
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      try {
        const url = `mqtts://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const secured = once(server, "secureConnection") as Promise<[TLSSocket]>;
        await start({ url, tls: { caFile: authority.ca, certFile: undefined, keyFile: undefined, alpn: "mqtt" } });
        const [socket] = await secured;
        assert.equal(socket.alpnProtocol, "mqtt");
        assert.match(socket.getProtocol() ?? "", /^TLSv1\.[23]$/);
        socket.destroy();
      } finally {
        await office?.link.stopped();
        office = undefined;
        const closed = once(server, "close");
        server.close();
        await closed;
      }
    });

    it("goes over an encrypted WebSocket, with its certificate", async () => {
      const { cert, key } = authority.issue("web");
      const ca = readFileSync(authority.ca);
      const server = createHttpsServer({ cert: readFileSync(cert), key: readFileSync(key), ca, requestCert: true });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      try {
        const upgraded = once(server, "upgrade") as Promise<[IncomingMessage, TLSSocket]>;
        const { port } = server.address() as AddressInfo;
        const tls = { caFile: authority.ca, certFile: own.cert, keyFile: own.key };
        await start({ url: `wss://127.0.0.1:${port}/mqtt`, tls });
        const [request, socket] = await upgraded;
        assert.deepEqual([request.url, request.headers["sec-websocket-protocol"]], ["/mqtt", "mqtt"]);
        assert.deepEqual([socket.authorized, socket.getPeerCertificate().subject.CN], [true, "takt"]);
        socket.destroy();
      } finally {
        await office?.link.stopped();
        office = undefined;
        const closed = once(server, "close");
        server.close();
        await closed;
      }
    });

    it("does not speak to one that knows TLS 1.1 at most", async () => {
      const { cert, key } = authority.issue("old");
      const server = createServer({
        cert: readFileSync(cert),
        key: readFileSync(key),
        minVersion: "TLSv1.1",
        maxVersion: "TLSv1.1",
        ciphers: "DEFAULT:@SECLEVEL=0",
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      try {
        const refused = once(server, "tlsClientError");
        await start({ url: `mqtts://127.0.0.1:${(server.address() as AddressInfo).port}` });
        const [error] = (await refused) as [Error];
        assert.match(error.message, /version|protocol/);
      } finally {
        await office?.link.stopped();
        office = undefined;
        const closed = once(server, "close");
        server.close();
        await closed;
      }
    });
  });
});
