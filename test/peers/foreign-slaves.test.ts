import assert from "node:assert/strict";
import { freePort } from "../support/processes/free-port.ts";
import { Mbpoll } from "../support/processes/mbpoll.ts";
import { Mosquitto } from "../support/processes/mosquitto.ts";
import { MqttListener } from "../support/mqtt/mqtt-listener.ts";
import { libmodbusSlave, PeerSlave, type PreparedSlave, pymodbusSlave } from "../support/processes/peer-slave.ts";
import { peer } from "../support/processes/peers.ts";
import { type Program, runProgram } from "../support/processes/program.ts";
import { Site, SITE_ROOT, siteSettings } from "../support/processes/takt.ts";

/** One tag of every kind in every table. */
const PROFILE = `profile: acme/press
title: Every kind of value
order: ABCD
timing: { responseTimeout: 1s }
tags:
  ready: { at: discrete 5, class: fast }
  clamp: { at: coil 3, class: fast, write: { kind: level, safe: false } }
  force: { at: input 7, type: int16, scale: 0.1, unit: kN, class: fast }
  strokes: { at: input 30, type: int64, class: fast }
  depth: { at: holding 10, type: int16, class: fast, write: { kind: level, range: [-100, 100], safe: hold } }
  count: { at: holding 12, type: uint32, order: CDAB, class: fast, write: { kind: level, safe: hold } }
  speed: { at: holding 20, type: float32, class: fast, write: { kind: level, range: [0, 2], safe: hold, tolerance: 0.001 } }
  batch: { at: holding 40, type: string, length: 12, class: fast, write: { kind: level, safe: hold } }
  lamp: { at: holding 50.3, class: fast, write: { kind: level, safe: hold } }
  mode: { at: holding 50.8-11, type: enum, values: { 0: "off", 1: jog, 2: auto }, class: fast, write: { kind: level, safe: hold } }
`;

const plantAt = (port: number): string => `plant: press-shop
scan: { period: 100ms }
lines:
  hall: { tcp: { host: 127.0.0.1, port: ${port} } }
devices:
  press: { profile: acme/press, line: hall, unit: 1 }
`;

const PRESS = `${SITE_ROOT}/press`;

interface State {
  readonly values: Readonly<Record<string, unknown>>;
  readonly bad?: Readonly<Record<string, string>>;
}

const stateIn = (text: string): State => JSON.parse(text) as State;
const statusIn = (text: string): string => (JSON.parse(text) as { readonly status: string }).status;

/** What lies in the slave, as mbpoll reads it and as we decode what it cannot. */
async function held(mbpoll: Mbpoll): Promise<Readonly<Record<string, unknown>>> {
  const [force = 0] = await mbpoll.words("input", 7);
  const strokes = Buffer.alloc(8);
  (await mbpoll.words("input", 30, 4)).forEach((word, at) => strokes.writeUInt16BE(word, at * 2));
  const [depth = 0] = await mbpoll.words("holding", 10);
  const [count] = await mbpoll.read("4:int", 12);
  const [speed] = await mbpoll.read("4:float", 20, 1, "-B");
  const batch = Buffer.alloc(12);
  (await mbpoll.words("holding", 40, 6)).forEach((word, at) => batch.writeUInt16BE(word, at * 2));
  const [bits = 0] = await mbpoll.words("holding", 50);
  const total = strokes.readBigInt64BE();
  return {
    ready: (await mbpoll.read("1", 5))[0] === "1",
    clamp: (await mbpoll.read("0", 3))[0] === "1",
    force: ((force << 16) >> 16) / 10,
    strokes: total > BigInt(Number.MAX_SAFE_INTEGER) ? String(total) : Number(total),
    depth: (depth << 16) >> 16,
    count: Number(count) >>> 0,
    speed: Math.fround(Number(speed)),
    batch: batch.toString("latin1").replace(/\0+$/, ""),
    lamp: (bits & 8) !== 0,
    mode: ["off", "jog", "auto"][(bits >> 8) & 15],
  };
}

/** Fills every table, from inside the slave. */
async function fill(slave: PeerSlave, strokes: readonly number[], force: number): Promise<void> {
  await slave.set("discrete", 5, [1]);
  await slave.set("coil", 3, [0]);
  await slave.set("input", 7, [force & 0xffff]);
  await slave.set("input", 30, strokes);
  await slave.set("holding", 10, [-42 & 0xffff]);
  await slave.set("holding", 12, [0x0001, 0x8002]); // CDAB: 0x80020001
  await slave.set("holding", 20, [0x3fa0, 0]); // 1.25
  await slave.set("holding", 40, [0x4241, 0x3137, 0, 0, 0, 0]); // "BA17"
  await slave.set("holding", 50, [0xf108]);
}

const slaves = [
  ["libmodbus", libmodbusSlave],
  ["pymodbus", pymodbusSlave],
] as const;

for (const [name, prepare] of slaves) {
  describe(`takt masters a slave of ${name} and publishes to mosquitto`, () => {
    before(peer(name, "mbpoll", "mosquitto", "mosquitto_sub", "mosquitto_pub"));

    let prepared: PreparedSlave | undefined;
    before(async () => {
      prepared = await prepare();
    });
    after(() => prepared?.dispose());

    let slave: PeerSlave;
    let mbpoll: Mbpoll;
    let mosquitto: Mosquitto;
    let listener: MqttListener;
    let site: Site;
    let takt: Program;

    beforeEach(async () => {
      assert.ok(prepared);
      slave = new PeerSlave(prepared.command, await freePort());
      mbpoll = new Mbpoll(slave.port);
      [mosquitto] = await Promise.all([Mosquitto.start(), slave.start()]);
      await fill(slave, [0, 0, 0x12, 0x3456], -125);
      listener = await MqttListener.connect(mosquitto.url);
      site = await Site.create({
        "plant.yaml": plantAt(slave.port),
        "devices/acme/press.yaml": PROFILE,
        "settings.yaml": siteSettings(mosquitto.url),
      });
      takt = site.run();
    });

    afterEach(async () => {
      await takt.kill();
      await listener.end();
      await slave.kill();
      await mosquitto.dispose();
      await site.dispose();
    });

    /** The first `state` after `from` in which nothing is bad and `fits` holds. */
    const goodState = async (fits: (state: State) => boolean = () => true, from = 0): Promise<State> => {
      const { text } = await listener.message((heard) => {
        if (heard.topic !== `${PRESS}/state` || listener.heard.indexOf(heard) < from) return false;
        const state = stateIn(heard.text);
        return state.bad === undefined && fits(state);
      }, 15_000);
      return stateIn(text);
    };

    /** Sends a command as a person would, and gives the answer. */
    const command = async (id: string, set: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> => {
      const args = ["-p", String(mosquitto.port), "-q", "1", "-t", `${PRESS}/cmd/set`];
      const published = await runProgram("mosquitto_pub", [...args, "-m", JSON.stringify({ id, set })]);
      assert.equal(published.code, 0, published.err);
      return JSON.parse((await listener.on(`${PRESS}/res/${id}`)).text) as Record<string, unknown>;
    };

    it("publishes what its registers hold, of every type and table", async () => {
      const { values } = await goodState();
      assert.deepEqual(values, await held(mbpoll));
      assert.deepEqual(values, {
        ready: true,
        clamp: false,
        force: -12.5,
        strokes: 0x123456,
        depth: -42,
        count: 0x80020001,
        speed: 1.25,
        batch: "BA17",
        lamp: true,
        mode: "jog",
      });
      await slave.set("input", 30, [0x7fff, 0xffff, 0xffff, 0xfffe]);
      await mbpoll.write("4", 10, 99);
      const changed = await goodState((state) => state.values["depth"] === 99);
      assert.equal(changed.values["strokes"], "9223372036854775806");
      assert.deepEqual(changed.values, await held(mbpoll));
      const shown = await runProgram("mosquitto_sub", [
        "-p",
        String(mosquitto.port),
        "-t",
        `${PRESS}/state`,
        "-C",
        "1",
      ]);
      assert.deepEqual(stateIn(shown.out).values, changed.values);
    });

    it("is commanded with mosquitto_pub, verified, and its registers hold it", async () => {
      await goodState();
      const set = {
        clamp: true,
        depth: -7,
        count: 4_000_000_000,
        speed: 0.5,
        batch: "LOT-2049",
        lamp: false,
        mode: "auto",
      };
      const answer = await command("all", set);
      assert.equal(answer["outcome"], "verified", JSON.stringify(answer));
      const now = await held(mbpoll);
      assert.deepEqual(now, { ...now, ...set });
      assert.deepEqual(await mbpoll.words("holding", 50), [0xf200], "the other bits of the register are as they were");
      const { values } = await goodState((state) => state.values["mode"] === "auto" && state.values["clamp"] === true);
      assert.deepEqual(values, now);
    });

    it("writes nothing of a command that is out of range or not writable", async () => {
      await goodState();
      const before = await held(mbpoll);
      const tooFast = await command("fast", { speed: 2.5 });
      assert.equal(tooFast["outcome"], "rejected", JSON.stringify(tooFast));
      const readOnly = await command("force", { force: 1 });
      assert.equal(readOnly["outcome"], "rejected", JSON.stringify(readOnly));
      assert.deepEqual(await held(mbpoll), before);
      assert.deepEqual(slave.writes, []);
    });

    it("is offline without a good value while it is dead, and heals when it is back", async () => {
      await goodState();
      await slave.kill();
      const offline = await listener.message(({ topic, text }) => {
        return topic === `${PRESS}/status` && statusIn(text) === "offline";
      }, 15_000);
      const from = listener.heard.indexOf(offline);
      const dead = stateIn((await listener.on(`${PRESS}/state`, from)).text);
      const tags = Object.keys(dead.values);
      assert.deepEqual(dead.values, Object.fromEntries(tags.map((tag) => [tag, null])));
      assert.deepEqual(dead.bad, Object.fromEntries(tags.map((tag) => [tag, "offline"])));
      const meanwhile = listener.heard.slice(from).filter(({ topic }) => /\/(state|data)$/.test(topic));
      for (const { text } of meanwhile) {
        assert.ok(
          Object.values(stateIn(text).values).every((value) => value === null),
          text,
        );
      }
      const back = listener.heard.length;
      await slave.start();
      await fill(slave, [0, 0, 0, 77], 55);
      const { values } = await goodState((healed) => healed.values["strokes"] === 77, back);
      assert.deepEqual(values, await held(mbpoll));
      const statuses = listener.heard.slice(back).filter(({ topic }) => topic === `${PRESS}/status`);
      assert.equal(statusIn(statuses.at(-1)?.text ?? "{}"), "online");
      assert.ok(takt.running);
    });

    it("goes on being scanned while the broker is dead, and everything is published to the next one", async () => {
      await goodState();
      const stats = async (from: number): Promise<Stats> =>
        JSON.parse((await listener.on(`${SITE_ROOT}/_gw/stats`, from)).text) as Stats;
      const before = await stats(listener.heard.length);
      await mosquitto.kill();
      await slave.set("input", 7, [321]);
      await slave.asked(50);
      await mosquitto.start();
      const from = listener.heard.length;
      const { values } = await goodState((state) => state.values["force"] === 32.1, from);
      assert.deepEqual(values, await held(mbpoll));
      const after = await stats(listener.heard.length);
      // Statistics of the time without a broker are gone: what was scanned then is counted in requests.
      const cycles = after.cycle.last.cycle - before.cycle.last.cycle;
      const blocks = before.cycle.last.blocksPlanned;
      const scanned = ((after.lines[0]?.requests ?? 0) - (before.lines[0]?.requests ?? 0)) / blocks;
      assert.ok(cycles > 10 && Math.abs(cycles - scanned) <= 1, `${scanned} of ${cycles} cycles`);
    });
  });
}

interface Stats {
  readonly cycle: { readonly last: { readonly cycle: number; readonly blocksPlanned: number } };
  readonly lines: readonly { readonly requests: number }[];
}
