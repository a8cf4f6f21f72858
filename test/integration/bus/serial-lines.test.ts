import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Line, LineState } from "../../../src/bus/line.ts";
import { openLine } from "../../../src/bus/open-line.ts";
import type { LineSettings, SerialLineSettings } from "../../../src/config/plant.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";
import type { Request } from "../../../src/modbus/request.ts";
import { registerOf } from "../../support/hostile-server.ts";
import { peer, PYTHON } from "../../support/peers.ts";
import { Program, runProgram } from "../../support/program.ts";
import { PtyPair } from "../../support/pty-pair.ts";
import { SERIAL } from "../../support/rtu-line-rig.ts";
import { describeOutcome } from "../../support/rtu-script.ts";
import { honestReply, rightFrame, SocketSlave, terminalSlave } from "../../support/rtu-terminal-slave.ts";
import { eventually } from "../../support/tcp-line-rig.ts";

const DRIVERS: readonly SerialLineSettings["driver"][] = ["serialport", "tty"];

async function withLine(settings: LineSettings, body: (line: Line) => Promise<void>): Promise<void> {
  const line = openLine(settings, {
    unitWindows: new Map(),
    clock: systemClock,
    random: () => 0,
    logger: silentLogger,
  });
  try {
    line.open();
    await becomes(line, "up");
    await body(line);
  } finally {
    await line.close();
  }
}

async function becomes(line: Line, state: LineState["state"]): Promise<void> {
  if (line.state.state !== state) await eventually(line.changes, (change) => change.state === state, `line ${state}`);
}

async function ask(line: Line, request: Request, unit = 1, responseTimeout = 1000): Promise<string> {
  const result = await line.send({ unit, request, responseTimeout: ms(responseTimeout), lane: "read" });
  return describeOutcome(result.ok ? result.value.answer : result.failure.failure);
}

const truth = (address: number): string => `registers ${registerOf(1, address)} ${registerOf(1, address + 1)}`;

for (const driver of DRIVERS) {
  describe(`a serial line by ${driver}, over a pseudo-terminal`, () => {
    before(peer("socat"));
    let pair: PtyPair;
    beforeEach(async () => {
      pair = await PtyPair.start();
    });
    afterEach(() => pair.stop());
    const settings = (): SerialLineSettings => ({ ...SERIAL, adapter: { path: pair.master }, driver });

    it("answers with what the slave holds, in pieces too", async () => {
      const slave = await terminalSlave(pair.slave, (request, say) => {
        const frame = rightFrame(request);
        say(frame.subarray(0, 4));
        say(frame.subarray(4));
      });
      await withLine(settings(), async (line) => {
        for (let at = 0; at < 20; at++) assert.equal(await ask(line, { fc: 3, address: at, quantity: 2 }), truth(at));
        assert.equal(await ask(line, { fc: 6, address: 3, value: 4 }), "written");
      });
      await slave.close();
    });

    it("never takes a late answer for the next one", async () => {
      let asked = 0;
      const slave = await terminalSlave(pair.slave, (request, say) => {
        if (asked++ > 0) return say(rightFrame(request));
        systemClock.after("late", ms(70), () => say(rightFrame(request)));
      });
      await withLine(settings(), async (line) => {
        assert.equal(await ask(line, { fc: 3, address: 0, quantity: 2 }, 1, 50), "timeout");
        assert.equal(await ask(line, { fc: 3, address: 10, quantity: 2 }), truth(10));
        assert.equal(line.statistics().lateAnswers, 1);
      });
      await slave.close();
    });

    it("lets no second master open the port", async () => {
      await withLine(settings(), async () => {
        for (const other of DRIVERS) {
          const second = openLine(
            { ...settings(), driver: other },
            { unitWindows: new Map(), clock: systemClock, random: () => 0, logger: silentLogger },
          );
          const failed = eventually(second.changes, ({ state }) => state === "down", "the second one refused");
          second.open();
          const state = await failed;
          assert.match(state.state === "down" ? state.reason : "", /lock|in use/i);
          await second.close();
        }
      });
    });

    it("fails what is under way when the port goes away", async () => {
      const slave = await terminalSlave(pair.slave, () => {
        gone = pair.stop();
      });
      let gone: Promise<void> | undefined;
      await withLine(settings(), async (line) => {
        const asked = ask(line, { fc: 3, address: 0, quantity: 2 }, 1, 8000);
        assert.equal(await asked, "lineLost");
        await becomes(line, "down");
      });
      await gone;
      await slave.close();
    });
  });
}

describe("a line of RTU frames over TCP", () => {
  it("answers, fails at once when the connection breaks, and comes back", async () => {
    const slave = await SocketSlave.start(honestReply);
    const { format, localEcho, broadcastTurnaround } = SERIAL;
    const endpoint = {
      host: "127.0.0.1",
      port: slave.port,
      connectTimeout: ms(1000),
      roundTrip: ms(4),
      packetTime: ms(5),
    };
    const shared = { name: "server", delayAfterConnect: ms(0), format, localEcho, broadcastTurnaround };
    try {
      await withLine({ kind: "rtuOverTcp", ...shared, ...endpoint }, async (line) => {
        assert.equal(await ask(line, { fc: 3, address: 5, quantity: 2 }), truth(5));
        slave.reply = () => slave.reset();
        assert.equal(await ask(line, { fc: 3, address: 5, quantity: 2 }), "lineLost");
        slave.reply = honestReply;
        await becomes(line, "up");
        assert.equal(await ask(line, { fc: 3, address: 6, quantity: 2 }), truth(6));
        assert.equal(slave.connections, 2);
      });
    } finally {
      await slave.stop();
    }
  });
});

const source = (file: string): string => fileURLToPath(new URL(`../../peers/${file}`, import.meta.url));

describe("RTU slaves that none of us wrote", () => {
  before(peer("socat"));
  const FORMAT = { baudRate: 19_200, parity: "none", stopBits: 1 } as const;

  async function exercise(command: string, args: readonly string[]): Promise<void> {
    const pair = await PtyPair.start();
    const program = Program.start(command, [...args, pair.slave, "17"]);
    try {
      await program.said(/ready\n/);
      await withLine({ ...SERIAL, format: FORMAT, adapter: { path: pair.master } }, async (line) => {
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

    it("is mastered", async () => {
      const folder = await mkdtemp(join(tmpdir(), "takt-libmodbus-rtu-"));
      const program = join(folder, "server");
      const flags = ["-O2", "-Wall", "-Werror", "-I/usr/include/modbus"];
      const args = [...flags, "-o", program, source("libmodbus-rtu-server.c"), "-lmodbus"];
      const { code, err } = await runProgram("gcc", args);
      assert.equal(code, 0, err);
      await exercise(program, []).finally(() => rm(folder, { recursive: true }));
    });
  });

  describe("pymodbus", () => {
    before(peer("pymodbus"));

    it("is mastered", () => exercise(PYTHON, [source("pymodbus-rtu-server.py")]));
  });
});
