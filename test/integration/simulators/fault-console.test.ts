import assert from "node:assert/strict";
import { FaultConsole } from "../../../simulators/fault-console.ts";
import { type PlantSimulation, simulatePlant } from "../../../simulators/plant-simulation.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { seededRandom } from "../../../src/kit/random.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { demoPlant } from "../../support/slaves/simulated-cell.ts";

describe("commands to a simulated plant", () => {
  let simulation: PlantSimulation;
  let faults: FaultConsole;

  beforeEach(async () => {
    const plant = demoPlant();
    simulation = await simulatePlant({
      lines: plant.lines.values(),
      devices: plant.devices.values(),
      clock: new VirtualClock(),
      random: seededRandom(1),
      logger: silentLogger,
      portOverride: 0,
    });
    faults = new FaultConsole(simulation);
  });
  afterEach(() => simulation.close());

  const say = (text: string) => faults.command(text);

  it("make a device silent and well again", () => {
    assert.equal(say("fault infeed silent"), "infeed: silent");
    assert.deepEqual(simulation.device("infeed").currentFault, { kind: "silent" });
    assert.equal(say("list"), "infeed: silent");
    assert.equal(say("heal infeed"), "infeed is well");
    assert.equal(simulation.device("infeed").currentFault, undefined);
    assert.equal(say("list"), "nothing is wrong");
  });

  it("aim at one unit of a line, or at all of them", () => {
    assert.equal(say("fault meter late 300ms 0.5"), "line drives, unit 2: late 300ms 0.5");
    assert.equal(say("  fault  line drives noise 0.1 "), "line drives: noise before 0.1");
    assert.equal(say("fault line cell silent"), "line cell: lost");
    assert.deepEqual(simulation.line("drives").faults(), [
      { kind: "late", by: 300, unit: 2, rate: 0.5 },
      { kind: "noise", where: "before", rate: 0.1 },
    ]);
    assert.equal(
      say("list"),
      ["line cell: lost", "line drives, unit 2: late 300ms 0.5", "line drives: noise before 0.1"].join("\n"),
    );
  });

  it("heal a kind, a device, a line, or everything", () => {
    for (const command of ["meter lost", "fan lost", "line drives noise", "line drives garbled", "cobot frozen"])
      say(`fault ${command}`);
    const kinds = () =>
      simulation
        .line("drives")
        .faults()
        .map(({ kind }) => kind);
    assert.equal(say("heal line drives noise"), "line drives is well of noise");
    assert.deepEqual(kinds(), ["lost", "lost", "garbled"]);
    say("heal meter");
    assert.deepEqual(kinds(), ["lost", "garbled"]);
    say("heal line drives");
    assert.deepEqual(kinds(), []);
    assert.equal(say("heal all"), "nothing is wrong");
    assert.equal(simulation.device("cobot").currentFault, undefined);
  });

  it("say what is wrong with them", () => {
    for (const [command, answer] of [
      ["fault infed silent", /unknown device "infed"; known: infeed, outfeed, /],
      ["fault line drive noise", /unknown line "drive"; known: cell, accumulation, robot, drives/],
      ["fault line cell garbled", /garbled cannot be on a tcp line/],
      ["fault line drives reset", /reset cannot be on a serial line/],
      ["fault meter", /unknown fault ""/],
      ["fault line", /unknown line ""/],
      ["fault", /unknown device ""/],
      ["heal", /unknown device ""/],
      ["heal line drives nose", /unknown fault "nose"/],
      ["fault line drives lost 200%", /a rate of 2 is outside 0 to 1/],
      ["brake", /unknown command "brake"; fault, heal, list and help are known/],
    ] as const)
      assert.match(say(command), answer);
    assert.equal(say(""), "");
    assert.match(say("help"), /fault line <line>[^]*brownOut/);
    assert.equal(say("list"), "nothing is wrong");
  });
});
