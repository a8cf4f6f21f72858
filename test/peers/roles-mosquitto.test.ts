import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HostileServer } from "../support/tcp/hostile-server.ts";
import { memorySlave } from "../support/slaves/memory-slave.ts";
import { Mosquitto } from "../support/processes/mosquitto.ts";
import { MqttListener } from "../support/mqtt/mqtt-listener.ts";
import { peer, programPath } from "../support/processes/peers.ts";
import type { Program } from "../support/processes/program.ts";
import { Site, SITE_ROOT } from "../support/processes/takt.ts";

const ACL = fileURLToPath(new URL("../../deploy/mosquitto.acl", import.meta.url));
const USERS = ["takt", "dashboard", "operator", "engineer"] as const;
type User = (typeof USERS)[number];

const plantAt = (port: number): string => `plant: roles
lines:
  hall: { tcp: { host: 127.0.0.1, port: ${port} }, roundTrip: 1ms }
devices:
  belt: { profile: test/belt, line: hall, unit: 1 }
`;

const PROFILE = `profile: test/belt
title: A speed for operators, a limit for engineers
tags:
  speed: { at: holding 0, write: { kind: level, range: [0, 100] } }
  limit: { at: holding 1, write: { kind: level, range: [0, 100], role: engineer } }
commands:
  calibrate: { role: engineer, steps: [{ write: { limit: 50 } }] }
`;

const settingsAt = (port: number, folder: string): string => `gateway: site
runtimeDir: ./run
storeDir: ./store
mqtt: { url: "mqtt://127.0.0.1:${port}", username: takt, passwordFile: ${join(folder, "takt")} }
roles: { mqtt: observer, byTopic: true }
log: { to: ./takt.log }
`;

describe("roles by topic, with deploy/mosquitto.acl on a mosquitto", () => {
  let folder: string;
  let mosquitto: Mosquitto;
  let server: HostileServer;
  let site: Site;
  let takt: Program;
  const clients = new Map<User, MqttListener>();
  let ids = 0;

  before(peer("mosquitto"));

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "takt-roles-"));
    const passwords = join(folder, "passwords");
    writeFileSync(passwords, USERS.map((user) => `${user}:secret of ${user}\n`).join(""));
    writeFileSync(join(folder, "takt"), "secret of takt\n");
    execFileSync(programPath("mosquitto_passwd") ?? "mosquitto_passwd", ["-U", passwords]);
    const access = ["allow_anonymous false", `password_file ${passwords}`, `acl_file ${ACL}`];
    mosquitto = await Mosquitto.start([...access, `user ${userInfo().username}`]);
    server = await HostileServer.start(memorySlave());
    site = await Site.create({
      "plant.yaml": plantAt(server.port),
      "devices/test/belt.yaml": PROFILE,
      "settings.yaml": settingsAt(mosquitto.port, folder),
    });
    for (const user of ["dashboard", "operator", "engineer"] as const)
      clients.set(user, await MqttListener.connect(mosquitto.url, { username: user, password: `secret of ${user}` }));
    takt = site.run();
    const online = ({ topic, text }: { topic: string; text: string }): boolean =>
      topic === `${SITE_ROOT}/belt/status` && text.includes('"online"');
    await client("dashboard").message(online, 15_000);
  });

  after(async () => {
    await takt.kill();
    for (const each of clients.values()) await each.end();
    await mosquitto.dispose();
    await server.stop();
    await site.dispose();
    rmSync(folder, { recursive: true });
  });

  function client(user: User): MqttListener {
    return clients.get(user) ?? assert.fail();
  }

  /** What the broker or takt says to it: `forbidden` by the broker, else the outcome with its reason. */
  async function ask(user: User, topic: string, request: object): Promise<string> {
    const id = `${user}${++ids}`;
    const { client: asker } = client(user);
    const taken = await asker
      .publishAsync(`${SITE_ROOT}/${topic}`, JSON.stringify({ id, ...request }), { qos: 1 })
      .then(
        () => true,
        () => false,
      );
    if (!taken) return "forbidden";
    const answers = [`${SITE_ROOT}/belt/res/${id}`, `${SITE_ROOT}/_pool/none/res/${id}`];
    const { text } = await client(user).message((heard) => answers.includes(heard.topic));
    const { outcome, reason } = JSON.parse(text) as { outcome: string; reason?: string };
    return reason === undefined ? outcome : `${outcome}: ${reason}`;
  }

  const SPEED = { set: { speed: 7 } };
  const LIMIT = { set: { limit: 9 } };
  const CALIBRATE = { call: "calibrate" };
  const JOB = { job: "pick" };
  const NEEDS_ENGINEER = "rejected: limit: needs the role engineer; this is operator";
  const CALL_NEEDS_ENGINEER = "rejected: calibrate needs the role engineer; what comes by mqtt has operator";
  const rows: readonly (readonly [who: User, topic: string, request: object, answer: string])[] = [
    ["dashboard", "_as/operator/belt/cmd/set", SPEED, "forbidden"],
    ["dashboard", "_as/engineer/belt/cmd/set", SPEED, "forbidden"],
    ["dashboard", "_as/observer/belt/cmd/set", SPEED, "forbidden"],
    ["dashboard", "belt/cmd/set", SPEED, "forbidden"],
    ["operator", "_as/operator/belt/cmd/set", SPEED, "verified"],
    ["operator", "_as/operator/belt/cmd/set", LIMIT, NEEDS_ENGINEER],
    ["operator", "_as/operator/belt/cmd/call", CALIBRATE, CALL_NEEDS_ENGINEER],
    ["operator", "_as/engineer/belt/cmd/set", LIMIT, "forbidden"],
    ["operator", "_as/engineer/belt/cmd/call", CALIBRATE, "forbidden"],
    ["operator", "_as/engineer/_pool/none/job", JOB, "forbidden"],
    ["operator", "belt/cmd/set", SPEED, "rejected: speed: needs the role operator; this is observer"],
    ["engineer", "_as/engineer/belt/cmd/set", LIMIT, "verified"],
    ["engineer", "_as/engineer/belt/cmd/call", CALIBRATE, "verified"],
    ["engineer", "belt/cmd/set", LIMIT, "rejected: limit: needs the role engineer; this is observer"],
    [
      ...(["engineer", "_pool/none/job", JOB] as const),
      "rejected: needs the role operator; what comes by mqtt has observer",
    ],
    ["operator", "_as/operator/_pool/none/job", JOB, 'rejected: unknown pool "none"'],
  ];
  for (const [who, topic, request, answer] of rows) {
    it(`${who} asks ${topic} for ${JSON.stringify(request)}: ${answer}`, async () => {
      assert.equal(await ask(who, topic, request), answer);
    });
  }
});
