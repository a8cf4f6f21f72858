import assert from "node:assert/strict";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLine } from "../../../src/bus/open-line.ts";
import { ttyTransport } from "../../../src/bus/rtu/tty-transport.ts";
import type { SerialLineSettings } from "../../../src/config/plant/plant.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";
import { registerOf } from "../../support/tcp/hostile-server.ts";
import { ask, becomes, withLine } from "../../support/tcp/live-line.ts";
import { peer } from "../../support/processes/peers.ts";
import { PtyPair } from "../../support/serial/pty-pair.ts";
import { SERIAL } from "../../support/serial/rtu-line-rig.ts";
import { honestReply, rightFrame, SocketSlave, terminalSlave } from "../../support/serial/rtu-terminal-slave.ts";
import { eventually } from "../../support/tcp/tcp-line-rig.ts";

const DRIVERS: readonly SerialLineSettings["driver"][] = ["serialport", "tty"];

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

describe("a terminal that was closed", () => {
  before(peer("socat"));

  it("writes nothing to whoever has its descriptor now", async () => {
    const pair = await PtyPair.start();
    const folder = await mkdtemp(join(tmpdir(), "takt-closed-"));
    const silent = { received: () => undefined, lost: () => undefined };
    const transport = await ttyTransport({ ...SERIAL, adapter: { path: pair.master } }, systemClock)(silent);
    await transport.close();
    const files = await Promise.all([1, 2, 3].map((name) => open(join(folder, String(name)), "w+")));
    await assert.rejects(transport.write(Buffer.of(1, 2, 3)), /closed/);
    transport.discardInput();
    for (const file of files) assert.equal((await file.stat()).size, 0);
    await Promise.all(files.map((file) => file.close()));
    await rm(folder, { recursive: true });
    await pair.stop();
  });
});

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
