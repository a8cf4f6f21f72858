import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { alive, descendants, needsProcesses } from "../support/processes/descendants.ts";
import { eventually } from "../support/processes/eventually.ts";
import { freePort } from "../support/processes/free-port.ts";
import { MqttListener } from "../support/mqtt/mqtt-listener.ts";
import { peer } from "../support/processes/peers.ts";
import { Program, runProgram } from "../support/processes/program.ts";
import { cleanEnvironment, REPOSITORY, Site, startTakt } from "../support/processes/takt.ts";

const DEVICES = ["infeed", "outfeed", "picker1", "picker2", "rollers", "cobot"];

/** The demo plant on ports that are free now. */
async function demoSite(): Promise<Site> {
  let plant = await readFile(new URL("../../config/demo/plant.yaml", import.meta.url), "utf8");
  for (const port of plant.match(/port: \d+/g) ?? []) plant = plant.replace(port, `port: ${await freePort()}`);
  const program = await readFile(new URL("../../config/demo/sorting.ts", import.meta.url), "utf8");
  return Site.create({ "plant.yaml": plant, "sorting.ts": program });
}

const pidOf = ({ child }: Program): number => {
  assert.ok(child.pid !== undefined);
  return child.pid;
};

describe("the demo", () => {
  before(needsProcesses);

  let site: Site;
  let programs: Program[];
  /** Everything they started, which has to end with them. */
  let children: number[];

  beforeEach(async () => {
    site = await demoSite();
    programs = [];
    children = [];
  });

  afterEach(async () => {
    for (const program of programs) await program.kill();
    for (const pid of alive(children)) process.kill(pid, "SIGKILL");
    await site.dispose();
  });

  const started = (program: Program): Program => {
    programs.push(program);
    return program;
  };
  const demo = (): Program => started(startTakt(["demo", site.path("plant.yaml")]));

  /** What runs below it now. */
  const below = (program: Program): readonly number[] => {
    const found = descendants(pidOf(program));
    children.push(...found);
    return found;
  };

  /** Waits until it shows values of every device. */
  const shown = async (program: Program): Promise<void> => {
    for (const device of DEVICES) await program.said(new RegExp(`^.*\\b${device}\\b.*=|^.*\\b${device} `, "m"));
  };

  it("shows values of all six devices, and Ctrl-C leaves outputs safe and nothing behind", async () => {
    const program = demo();
    const [, url = ""] = await program.said(/broker (mqtt:\/\/127\.0\.0\.1:\d+)/);
    await shown(program);
    const listener = await MqttListener.connect(url, { protocolVersion: 4 });
    try {
      for (const device of DEVICES) {
        await listener.message(({ topic, text }) => {
          return topic === `takt/demo/${device}/status` && text.includes('"status":"online"');
        });
        await listener.message(({ topic, text }) => {
          if (topic !== `takt/demo/${device}/state`) return false;
          return Object.values((JSON.parse(text) as { values: object }).values).some((value) => value !== null);
        });
      }
    } finally {
      await listener.end();
    }
    const parts = below(program);
    assert.ok(parts.length >= 2);
    assert.deepEqual(await program.stop("SIGINT"), { code: 0, signal: null });
    assert.match(
      program.out,
      /takt stopped: Ctrl-C \(SIGINT\)\. All outputs with a declared safe value are in it\.\n$/,
    );
    assert.deepEqual(alive(parts), []);
    const [, log = ""] = /log (\S+)/.exec(program.out) ?? [];
    assert.notEqual(log, "");
    assert.equal(existsSync(log), false);
  });

  it("keeps the log of a master that died, and says where it is", async () => {
    const program = demo();
    await shown(program);
    const [, log = ""] = await program.said(/log (\S+)/);
    const master = below(program).find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("\0run\0"));
    assert.ok(master !== undefined);
    process.kill(master, "SIGKILL");
    assert.equal((await program.end()).code, 1);
    assert.ok(program.out.trimEnd().endsWith(`Its log is kept: ${log}`), program.out);
    assert.ok(existsSync(log));
    rmSync(log);
  });

  it("takes the world and the master with it when it is killed", async () => {
    const program = demo();
    await shown(program);
    const parts = below(program);
    assert.ok(parts.length >= 2);
    await program.kill();
    await eventually(() => alive(parts).length === 0, 10_000);
  });

  it("ends in order when nobody reads it any more", async () => {
    const program = demo();
    await shown(program);
    const parts = below(program);
    program.child.stdout?.destroy();
    assert.deepEqual(await program.end(), { code: 0, signal: null });
    assert.deepEqual(alive(parts), []);
  });

  it("stops at any moment of its start", async () => {
    const early = demo();
    await eventually(() => below(early).length > 0, 10_000);
    assert.deepEqual(await early.stop("SIGINT"), { code: 0, signal: null });
    const introduced = demo();
    await introduced.said(/broker/);
    assert.deepEqual(await introduced.stop("SIGINT"), { code: 0, signal: null });
  });

  it("says so when another demo has its ports, and ends", async () => {
    const first = demo();
    await first.said(/broker/);
    const second = demo();
    const { code } = await second.end();
    assert.equal(code, 1);
    assert.match(
      second.out,
      /The demo could not start: line cell: .*EADDRINUSE.*\nIs another demo running.*\n +cp -r .*config\/demo my-demo\n/,
    );
    assert.deepEqual(await first.stop("SIGINT"), { code: 0, signal: null });
  });

  it("says what is wrong with a plant of one's own", async () => {
    await site.write("plant.yaml", "plant: broken\nlines: {}\ndevices: {}\n");
    const { code } = await demo().end();
    assert.equal(code, 2);
    assert.match(programs[0]?.out ?? "", /plant\.yaml:2:1 +lines: expected a map of them/);
  });

  describe("and mosquitto's clients", () => {
    before(peer("mosquitto_sub", "mosquitto_pub"));

    it("is watched and commanded with the very lines that npm start prints, and sorts boxes by itself", async function () {
      this.timeout(90_000);
      const npm = started(
        Program.start("npm", ["start", "--silent", "--", site.path("plant.yaml")], {
          cwd: REPOSITORY,
          env: cleanEnvironment(),
          detached: true, // a group of its own, as a shell gives it, so that Ctrl-C reaches all of it
        }),
      );
      await npm.said(/a2.*\n\n/);
      await shown(npm);
      const lines = [...npm.out.matchAll(/^ {2}(mosquitto_(?:sub|pub) .*)$/gm)].map(([, line = ""]) => line);
      const watching = lines.filter((line) => line.startsWith("mosquitto_sub"));
      const commanding = lines.filter((line) => line.startsWith("mosquitto_pub"));
      assert.deepEqual([watching.length, commanding.length], [3, 2]);
      const [everything, belt, boxes] = watching.map((line) => started(Program.start("sh", ["-c", `exec ${line}`])));
      assert.ok(everything && belt && boxes);
      for (const watcher of [everything, boxes])
        await watcher.said(/^takt\/demo\/_pool\/pickers\/event \{.*"id":"box-\d+","job":"carry","state":"done"/m, {
          deadline: 30_000,
        });
      const watchers = [everything, belt];
      for (const watcher of watchers) await watcher.said(/^takt\/demo\/infeed\/data \{.*"values":/m);
      for (const [at, line] of commanding.entries()) {
        assert.equal((await runProgram("sh", ["-c", line])).code, 0);
        const answer = new RegExp(`^takt/demo/infeed/res/a${at + 1} \\{.*"outcome":"verified"`, "m");
        for (const watcher of watchers) await watcher.said(answer);
      }
      for (const watcher of [...watchers, boxes]) await watcher.kill();
      const parts = below(npm);
      process.kill(-pidOf(npm), "SIGINT");
      // npm ends as what interrupted it; what matters is that it waited for the farewell.
      assert.equal((await npm.end()).signal, "SIGINT");
      assert.match(npm.out, /takt stopped: Ctrl-C \(SIGINT\)\. All outputs with a declared safe value are in it\./);
      await eventually(() => alive(parts).length === 0);
    });
  });
});
