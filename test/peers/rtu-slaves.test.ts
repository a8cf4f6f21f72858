import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SerialLineSettings } from "../../src/config/plant/plant.ts";
import { ask, withLine } from "../support/tcp/live-line.ts";
import { peer, PYTHON } from "../support/processes/peers.ts";
import { Program, runProgram } from "../support/processes/program.ts";
import { PtyPair } from "../support/serial/pty-pair.ts";
import { SERIAL } from "../support/serial/rtu-line-rig.ts";

type Driver = SerialLineSettings["driver"];
const DRIVERS: readonly Driver[] = ["serialport", "tty"];

const source = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

describe("RTU slaves that none of us wrote", () => {
  before(peer("socat"));
  const FORMAT = { baudRate: 19_200, parity: "none", stopBits: 1 } as const;

  async function exercise(driver: Driver, command: string, args: readonly string[] = []): Promise<void> {
    const pair = await PtyPair.start();
    const program = Program.start(command, [...args, pair.slave, "17"]);
    try {
      await program.said(/ready\n/);
      await withLine({ ...SERIAL, format: FORMAT, adapter: { path: pair.master }, driver }, async (line) => {
        const inputs = Array.from({ length: 100 }, (_, at) => 1000 + at).join(" ");
        assert.equal(await ask(line, { fc: 4, address: 0, quantity: 100 }, 17), `registers ${inputs}`);
        assert.equal(await ask(line, { fc: 16, address: 4, values: [7, 65_535, 9] }, 17), "written");
        assert.equal(await ask(line, { fc: 6, address: 7, value: 10 }, 17), "written");
        assert.equal(await ask(line, { fc: 3, address: 4, quantity: 4 }, 17), "registers 7 65535 9 10");
        assert.equal(await ask(line, { fc: 15, address: 2, values: [true, false, true] }, 17), "written");
        assert.equal(await ask(line, { fc: 5, address: 3, value: true }, 17), "written");
        assert.equal(await ask(line, { fc: 1, address: 1, quantity: 5 }, 17), "bits 0 1 1 1 0");
        assert.equal(await ask(line, { fc: 22, address: 4, and: 5, or: 2 }, 17), "written");
        assert.equal(
          await ask(line, { fc: 23, address: 4, quantity: 2, writeAddress: 5, values: [1] }, 17),
          "registers 7 1",
        );
        assert.equal(await ask(line, { fc: 3, address: 190, quantity: 20 }, 17), "exception 2");
        assert.equal(await ask(line, { fc: 3, address: 0, quantity: 1 }, 18, 100), "timeout");
        // libmodbus takes what follows a request to another unit for that unit's answer, and misses a request or two.
        const outcomes: string[] = [];
        while (outcomes.length < 6 && outcomes.at(-1) !== "registers 9")
          outcomes.push(await ask(line, { fc: 3, address: 6, quantity: 1 }, 17, 200));
        assert.deepEqual(new Set([...outcomes, "timeout"]), new Set(["registers 9", "timeout"]));
      });
    } finally {
      await program.kill();
      await pair.stop();
    }
  }

  describe("libmodbus", () => {
    before(peer("libmodbus"));
    let folder = "";
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "takt-libmodbus-rtu-"));
      const flags = ["-O2", "-Wall", "-Werror", "-I/usr/include/modbus"];
      const args = [...flags, "-o", join(folder, "server"), source("libmodbus-rtu-server.c"), "-lmodbus"];
      const { code, err } = await runProgram("gcc", args);
      assert.equal(code, 0, err);
    });
    after(() => rm(folder, { recursive: true, force: true }));

    for (const driver of DRIVERS) it(`is mastered by ${driver}`, () => exercise(driver, join(folder, "server")));
  });

  describe("pymodbus", () => {
    before(peer("pymodbus"));

    for (const driver of DRIVERS) {
      it(`is mastered by ${driver}`, () => exercise(driver, PYTHON, [source("pymodbus-rtu-server.py")]));
    }
  });
});
