import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { ArmLogEntry } from "../../simulators/models/robot-arm.ts";
import { type PlantSimulation, simulatePlant } from "../../simulators/plant-simulation.ts";
import { formatIssues } from "../../src/config/source/config-issue.ts";
import { loadPlant } from "../../src/config/plant/load-plant.ts";
import { silentLogger } from "../../src/kit/logger.ts";
import { seededRandom } from "../../src/kit/random.ts";
import { systemClock } from "../../src/kit/system-clock.ts";
import { eventually } from "../support/processes/eventually.ts";
import { freePort } from "../support/processes/free-port.ts";
import { Mosquitto } from "../support/processes/mosquitto.ts";
import { peer } from "../support/processes/peers.ts";
import { Program, runProgram } from "../support/processes/program.ts";
import { share } from "../support/mocha/soak.ts";
import { Site, SITE_ROOT, siteSettings } from "../support/processes/takt.ts";

const BOXES = share(4);
const POOL = `${SITE_ROOT}/_pool/pickers`;
const ARMS = ["picker1", "picker2"] as const;

interface Told {
  readonly id: string;
  readonly state: string;
  readonly device?: string;
}

/** The demo's cell and program on free ports, with so many boxes to come; and what the arms write into their logs. */
async function startCell(broker: string): Promise<{ site: Site; simulation: PlantSimulation; logs: ArmLogEntry[] }> {
  const demo = (file: string): Promise<string> =>
    readFile(new URL(`../../config/demo/${file}`, import.meta.url), "utf8");
  let plant = await demo("plant.yaml");
  for (const port of plant.match(/port: \d+/g) ?? []) plant = plant.replace(port, `port: ${await freePort()}`);
  const files = { "plant.yaml": plant, "sorting.ts": await demo("sorting.ts"), "settings.yaml": siteSettings(broker) };
  const site = await Site.create(files);
  const loaded = loadPlant(site.path("plant.yaml"));
  if (!loaded.ok) throw new Error(formatIssues(loaded.failure));
  const logs: ArmLogEntry[] = [];
  const simulation = await simulatePlant({
    lines: loaded.value.lines.values(),
    devices: loaded.value.devices.values(),
    clock: systemClock,
    random: seededRandom(1),
    logger: silentLogger,
    boxes: BOXES,
    armLog: (_, entry) => logs.push(entry),
  });
  // No box reaches the arms before the master does: found in `auto`, they would carry it by themselves.
  simulation.device("infeed").memory.set("run", false);
  return { site, simulation, logs };
}

describe("the demo's cell on a real mosquitto", () => {
  before(peer("mosquitto", "mosquitto_sub", "mosquitto_pub"));

  let mosquitto: Mosquitto;
  let cell: Awaited<ReturnType<typeof startCell>>;
  let watcher: Program;
  let takt: Program;

  beforeEach(async () => {
    mosquitto = await Mosquitto.start();
    cell = await startCell(mosquitto.url);
    const port = String(mosquitto.port);
    watcher = Program.start("mosquitto_sub", ["-p", port, "-v", "-q", "1", "-t", `${SITE_ROOT}/#`]);
    takt = cell.site.run();
  });

  afterEach(async () => {
    await takt.kill();
    await watcher.kill();
    await cell.simulation.close();
    await cell.site.dispose();
    await mosquitto.dispose();
  });

  const publish = async (topic: string, payload: object): Promise<void> => {
    const args = [
      "-p",
      String(mosquitto.port),
      "-q",
      "1",
      "-t",
      `${SITE_ROOT}/${topic}`,
      "-m",
      JSON.stringify(payload),
    ];
    assert.equal((await runProgram("mosquitto_pub", args)).code, 0);
  };

  /** What mosquitto_sub has shown of the jobs so far. */
  const events = (): readonly Told[] =>
    watcher.out.split("\n").flatMap((line) => {
      return line.startsWith(`${POOL}/event {`) && line.endsWith("}")
        ? (JSON.parse(line.slice(line.indexOf("{"))) as Told)
        : [];
    });
  const of = (kind: ArmLogEntry["kind"]): readonly number[] =>
    cell.logs.flatMap((entry) => (entry.kind === kind && "box" in entry ? entry.box : []));

  /** The supply of the arm that holds a box is cut: the box falls. */
  async function kill(): Promise<string> {
    const arm = await eventually(
      () => ARMS.find((name) => cell.simulation.device(name).memory.flag("holding")),
      40_000,
    );
    cell.simulation.device(arm).fault({ kind: "off" });
    return arm;
  }

  /** An operator clears the cell, decides about the job by what lies there, and switches the arm's drives on again. */
  async function revive(arm: string, job: string): Promise<void> {
    const took = of("dropped").length > 0;
    await publish("_pool/pickers/decide", { id: "d1", job, decision: took ? "skip" : "retry", by: "anna" });
    await watcher.said(new RegExp(`^${POOL}/decided/d1 \\{"id":"d1","outcome":"decided"\\}`, "m"));
    const from = watcher.out.length;
    cell.simulation.device(arm).heal();
    await watcher.said(new RegExp(`^${SITE_ROOT}/${arm}/status \\{.*"status":"online"`, "m"), { from });
    await publish(`${arm}/cmd/set`, { id: "on", set: { enable: true } });
    await watcher.said(new RegExp(`^${SITE_ROOT}/${arm}/res/on \\{.*"outcome":"verified"`, "m"));
  }

  it(`sorts ${BOXES} boxes by itself, though an arm is killed with one in its gripper`, async function () {
    this.timeout(90_000 + BOXES * 10_000);
    await watcher.said(new RegExp(`^${SITE_ROOT}/picker2/state \\{.*"auto":false`, "m"));
    await publish("infeed/cmd/call", { id: "go", call: "start", args: { speed: 0.8 } });
    await watcher.said(new RegExp(`^${SITE_ROOT}/infeed/res/go \\{.*"outcome":"verified"`, "m"));

    const arm = await kill();
    const quarantined = await eventually(() => events().find(({ state }) => state === "quarantined"), 20_000);
    assert.equal(quarantined.device, arm);
    await watcher.said(new RegExp(`^${SITE_ROOT}/_gw/alarms .*"alarm":"sorting\\.undecided"`, "m"));
    await revive(arm, quarantined.id);

    const all = Array.from({ length: BOXES }, (_, index) => index + 1);
    await eventually(() => of("put").length + of("dropped").length === BOXES, 30_000 + BOXES * 8000);
    const text = `"quarantined":0.*"orders":${BOXES},"done":${BOXES - 1},"failed":1`;
    await watcher.said(new RegExp(`^${POOL}/state \\{.*${text}`, "m"));

    assert.deepEqual(
      of("took").toSorted((a, b) => a - b),
      all,
      "each was picked once",
    );
    assert.deepEqual(
      [...of("put"), ...of("dropped")].toSorted((a, b) => a - b),
      all,
      "none is lost",
    );
    const ended = events().filter(({ state }) => state === "done" || state === "failed");
    assert.deepEqual(ended.map(({ id }) => id).toSorted(), all.map((box) => `box-${box}`).toSorted());
    assert.equal(ended.filter(({ state }) => state === "done").length, of("put").length);
    const accepted = cell.logs.filter((entry) => entry.kind === "accepted" && entry.command === "carry");
    assert.equal(accepted.length, BOXES, "no job was begun twice");
  });
});
