import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type PlantSimulation, simulatePlant } from "../../simulators/plant-simulation.ts";
import { silentLogger } from "../../src/kit/logger.ts";
import { seededRandom } from "../../src/kit/random.ts";
import { VirtualClock } from "../../src/kit/virtual-clock.ts";
import { peer, programPath, PYTHON } from "../support/processes/peers.ts";
import { demoPlant } from "../support/slaves/simulated-cell.ts";

/** The demo plant on free ports; its clock stands still, so that what is read is what was there. */
function still(): Promise<PlantSimulation> {
  const plant = demoPlant();
  return simulatePlant({
    lines: plant.lines.values(),
    devices: plant.devices.values(),
    clock: new VirtualClock(),
    random: seededRandom(1),
    logger: silentLogger,
    portOverride: 0,
  });
}

interface Ended {
  readonly code: number;
  readonly output: string;
}

function runProgram(program: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, [...args], { timeout: 10_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? 1 : 0, output: stdout + stderr });
    });
  });
}

describe("mbpoll and the simulators", () => {
  before(peer("mbpoll"));

  let simulation: PlantSimulation;
  beforeEach(async () => {
    simulation = await still();
  });
  afterEach(() => simulation.close());

  const poll = (line: string, options: string, values: readonly (string | number)[] = []): Promise<Ended> => {
    const { host, port } = simulation.address(line);
    const args = ["-m", "tcp", "-p", String(port), "-0", "-1", ...options.split(" "), host, ...values.map(String)];
    return runProgram(programPath("mbpoll") ?? "mbpoll", args);
  };
  /** The values of `[address]: value` lines. */
  const read = async (line: string, options: string): Promise<readonly number[]> => {
    const { output } = await poll(line, options);
    const values = [...output.matchAll(/^\[\d+\]:\s+(\S+)/gm)].map(([, value]) => Number(value));
    assert.ok(values.length > 0, output);
    return values;
  };

  it("reads every table", async () => {
    assert.deepEqual(await read("cell", "-a 1 -t 0 -r 0 -c 4"), [1, 0, 1, 0]);
    assert.deepEqual(await read("cell", "-a 1 -t 1 -r 0 -c 6"), [0, 0, 0, 0, 0, 0]);
    const { memory } = simulation.device("infeed");
    const temperature = Math.round(memory.number("motorTemp") * 10);
    assert.deepEqual(await read("cell", "-a 1 -t 3 -r 0 -c 2"), [0, temperature]);
    assert.deepEqual(await read("cell", "-a 1 -t 4 -r 0 -c 3"), [400, 0, 2000]);
  });

  it("reads floats of an arm, most significant register first", async () => {
    assert.deepEqual(await read("cell", "-a 12 -t 3:float -B -r 28 -c 3"), [320, 0, 480]);
  });

  it("reads the assembled block of a ConveyLinx module and the pose of a UR controller", async () => {
    assert.deepEqual(await read("accumulation", "-a 1 -t 4 -r 1499 -c 8"), [0x101, 0x101, 0, 0, 0, 0, 0, 0]);
    const pose = await read("robot", "-a 1 -t 4 -r 400 -c 6");
    const signed = pose.map((word) => (word > 0x7fff ? word - 0x1_0000 : word));
    assert.deepEqual(signed, [3800, -1200, 3000, 0, 3140, 0]);
  });

  it("writes a coil, several coils, a register and several registers", async () => {
    const { memory } = simulation.device("infeed");
    assert.equal((await poll("cell", "-a 1 -t 0 -r 0", [0])).code, 0);
    assert.equal(memory.get("run"), false);
    assert.equal((await poll("cell", "-a 1 -t 0 -r 0", [1, 0, 0])).code, 0);
    assert.deepEqual([memory.get("run"), memory.get("holdAtExit")], [true, false]);
    assert.equal((await poll("cell", "-a 1 -t 4 -r 0", [1250])).code, 0);
    assert.equal(memory.get("speedSetpoint"), 1.25);
    assert.equal((await poll("cell", "-a 1 -t 4 -r 0", [500, 9, 1500])).code, 0);
    assert.deepEqual([memory.get("speedSetpoint"), memory.get("masterAlive")], [0.5, 9]);
  });

  it("is refused an address that is not there, by name", async () => {
    const { output } = await poll("cell", "-a 1 -t 4 -r 1000");
    assert.match(output, /Illegal data address/);
  });

  it("gives a job to an arm with one write of its mailbox", async () => {
    const { memory } = simulation.device("picker1");
    assert.equal((await poll("cell", "-a 11 -t 0 -r 1", [0])).code, 0);
    const job = [7, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 7]; // sequence, epoch, home, no parameters, sequence
    assert.equal((await poll("cell", "-a 11 -t 4 -r 0", job)).code, 0);
    assert.deepEqual(await read("cell", "-a 11 -t 3 -r 1 -c 2"), [1, 7]);
    assert.equal(memory.get("acceptedSequence"), 7);
  });
});

describe("pymodbus and the simulators", () => {
  before(peer("pymodbus"));

  it("reads and writes every table with every function", async () => {
    const simulation = await still();
    try {
      const { host, port } = simulation.address("cell");
      const script = fileURLToPath(new URL("./exercise-simulators.py", import.meta.url));
      const { code, output } = await runProgram(PYTHON, [script, host, String(port)]);
      assert.equal(code, 0, output);
      const infeed = simulation.device("infeed").memory;
      assert.deepEqual(JSON.parse(output), {
        coils: [1, 0, 1, 0],
        discrete: [0, 0, 0, 0, 0, 0],
        input: [0, Math.round(infeed.number("motorTemp") * 10)],
        holding: [400, 0, 2000, 0, 0],
        writeCoil: "written",
        writeRegister: "written",
        writeCoils: "written",
        writeRegisters: "written",
        mask: "written",
        holdingAfter: [(900 & 0xff00) | 0x12, 7, 3000],
        coilsAfter: [1, 0, 0, 0],
        readWrite: [(900 & 0xff00) | 0x12, 8, 4000],
        noAddress: { exception: 2 },
        readOnly: { exception: 2 },
        joints: floats(simulation.device("picker1").memory.get("joints")),
        serverId: "\u0001ÿtakt simulator takt/conveyor",
        identity: {
          0: "takt simulator",
          1: "takt/conveyor",
          2: "1.0",
          4: "Belt conveyor with drive, two photo-eyes and jam detection",
          5: "takt/conveyor",
          6: "infeed",
        },
      });
    } finally {
      await simulation.close();
    }
  });
});

/** Big-endian float32 values as registers. */
function floats(values: unknown): readonly number[] {
  assert.ok(Array.isArray(values));
  return values.flatMap((value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatBE(Number(value));
    return [bytes.readUInt16BE(0), bytes.readUInt16BE(2)];
  });
}
