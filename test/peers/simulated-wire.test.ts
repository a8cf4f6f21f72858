import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type PlantSimulation, simulatePlant } from "../../simulators/plant-simulation.ts";
import { precisePacer } from "../../simulators/serial/pacer.ts";
import { silentLogger } from "../../src/kit/logger.ts";
import { seededRandom } from "../../src/kit/random.ts";
import { systemClock } from "../../src/kit/system-clock.ts";
import { peer, programPath, PYTHON } from "../support/processes/peers.ts";
import { runProgram } from "../support/processes/program.ts";
import { FORMAT_19200_8E1 } from "../support/serial/serial-rig.ts";
import { demoPlant } from "../support/slaves/simulated-cell.ts";

describe("other masters on a simulated serial port", () => {
  before(peer("socat"));

  let folder: string;
  let path: string;
  let simulation: PlantSimulation;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "takt-port-"));
    path = join(folder, "port");
    const { devices } = demoPlant();
    simulation = await simulatePlant({
      lines: [{ kind: "serial", name: "drives", format: FORMAT_19200_8E1, localEcho: false, adapter: { path } }],
      devices: [...devices.values()].filter(({ line }) => line === "drives"),
      clock: systemClock,
      pacer: precisePacer(systemClock),
      random: seededRandom(1),
      logger: silentLogger,
    });
  });
  afterEach(async () => {
    await simulation.close();
    await rm(folder, { recursive: true });
  });

  describe("mbpoll", () => {
    before(peer("mbpoll"));

    const poll = async (options: string, values: readonly number[] = []): Promise<string> => {
      const args = [
        "-m",
        "rtu",
        "-b",
        "19200",
        "-P",
        "even",
        "-0",
        "-1",
        ...options.split(" "),
        path,
        ...values.map(String),
      ];
      const { out, err } = await runProgram(programPath("mbpoll") ?? "mbpoll", args);
      return out + err;
    };
    const read = async (options: string): Promise<readonly number[]> => {
      const output = await poll(options);
      const values = [...output.matchAll(/^\[\d+\]:\s+(\S+)/gm)].map(([, value]) => Number(value));
      assert.ok(values.length > 0, output);
      return values;
    };

    it("reads and commands the drive", async () => {
      assert.deepEqual(await read("-a 1 -t 4:hex -r 49999 -c 1"), [0x047c]);
      await poll("-a 1 -t 4 -r 50009", [4096]);
      assert.equal(simulation.device("fan").memory.get("reference"), 25);
      await poll("-a 1 -t 4 -r 49999", [0x043c]);
      assert.equal(simulation.device("fan").memory.get("command"), "stop");
    });

    it("reads the meter's floats, and is refused what the meter refuses", async () => {
      const [l1 = 0, l2 = 0, l3 = 0] = await read("-a 2 -t 3:float -B -r 0 -c 3");
      for (const volts of [l1, l2, l3]) assert.ok(volts > 228 && volts < 232, `${volts} V`);
      assert.match(await poll("-a 2 -t 3 -r 0 -c 81"), /Illegal data value/);
      assert.match(await poll("-a 2 -t 3 -r 30 -c 1"), /Illegal data address/);
    });

    it("reads nothing of a unit that is silent, and the other one all the while", async () => {
      simulation.line("drives").fault({ kind: "lost", unit: 2 });
      assert.match(await poll("-a 2 -t 3 -r 0 -c 2 -o 0.2"), /timed out/i);
      assert.deepEqual(await read("-a 1 -t 4:hex -r 49999 -c 1"), [0x047c]);
    });
  });

  describe("pymodbus", () => {
    before(peer("pymodbus"));

    it("reads and writes both units", async () => {
      const script = fileURLToPath(new URL("./rtu-client.py", import.meta.url));
      const { code, out, err } = await runProgram(PYTHON, [script, path, "19200"]);
      assert.equal(code, 0, out + err);
      const { meter, ...others } = JSON.parse(out) as { meter: readonly number[] };
      assert.deepEqual(others, {
        command: [0x047c],
        writeOne: "written",
        reference: [8192],
        writeMany: "written",
        commandAfter: [1084],
        tooMany: { exception: 3 },
        noFunction: { exception: 1 },
      });
      assert.equal(meter.length, 9);
      assert.ok(meter.slice(0, 3).every((volts) => volts > 228 && volts < 232));
    });
  });
});
