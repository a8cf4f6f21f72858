import assert from "node:assert/strict";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms, plus } from "../../../src/kit/time.ts";
import type { Request } from "../../../src/modbus/request.ts";
import {
  bitOf,
  frame,
  honest,
  HostileServer,
  registerOf,
  right,
  rightPdu,
  type Script,
} from "../../support/tcp/hostile-server.ts";
import { eventually, LineRig, pass, readRegisters, type TcpLineRig, withRig } from "../../support/tcp/tcp-line-rig.ts";

const silent: Script = () => [];
const WRITE: Request = { fc: 6, address: 3, value: 7 };

/** The function codes in the order in which the server got them, with their units. */
function order(rig: TcpLineRig): string {
  return rig.server.requests.map(({ unit, pdu }) => `${unit}:${pdu[0] ?? 0}`).join(" ");
}

function requests(rig: TcpLineRig, count: number): Promise<unknown> {
  if (rig.server.requests.length >= count) return Promise.resolve();
  return eventually(rig.server.requested, () => rig.server.requests.length >= count, `${count} requests`);
}

describe("a TCP line", () => {
  it("answers every function with what the slave holds", async () => {
    await withRig(serveAll, {}, async (rig) => {
      const answers = await Promise.all(
        (
          [
            { fc: 1, address: 5, quantity: 11 },
            { fc: 2, address: 6, quantity: 8 },
            { fc: 3, address: 7, quantity: 125 },
            { fc: 4, address: 8, quantity: 1 },
            { fc: 5, address: 9, value: true },
            { fc: 6, address: 9, value: 65_535 },
            { fc: 15, address: 9, values: [true, false, true] },
            { fc: 16, address: 9, values: [1, 2, 3] },
            { fc: 22, address: 9, and: 0xf2, or: 0x25 },
            { fc: 23, address: 9, quantity: 2, writeAddress: 3, values: [4] },
          ] satisfies Request[]
        ).map((request) => rig.ask(request)),
      );
      const bits = (from: number, count: number) => Array.from({ length: count }, (_, at) => bitOf(1, from + at));
      const registers = (from: number, count: number) =>
        Array.from({ length: count }, (_, at) => registerOf(1, from + at));
      const written = { kind: "written" };
      assert.deepEqual(
        answers.map(({ answer }) => answer),
        [
          { kind: "bits", bits: bits(5, 11) },
          { kind: "bits", bits: bits(6, 8) },
          { kind: "registers", registers: registers(7, 125) },
          { kind: "registers", registers: registers(8, 1) },
          written,
          written,
          written,
          written,
          written,
          { kind: "registers", registers: registers(9, 2) },
        ],
      );
    });
  });

  it("reads the server id and an identification of several parts", async () => {
    await withRig(serveAll, {}, async (rig) => {
      const id = await rig.ask({ fc: 17 });
      assert.deepEqual(id.answer, { kind: "serverId", id: 42, running: true, data: Buffer.of(1, 2) });
      const { answer } = await rig.ask({ fc: 43, category: 1, objectId: 0 });
      assert.deepEqual(answer, {
        kind: "identification",
        objects: new Map([
          [0, "takt"],
          [1, "conveyor"],
          [2, "1.0"],
        ]),
      });
      assert.equal(order(rig), "1:17 1:43 1:43 1:43");
    });
  });

  it("takes an identification that goes round in circles for a mismatch", async () => {
    const circle: Script = ({ id, unit }) => [{ send: frame(id, unit, Buffer.of(43, 14, 1, 1, 0xff, 1, 1, 0, 1, 65)) }];
    await withRig(circle, {}, async (rig) => {
      const { failure } = await rig.ask({ fc: 43, category: 1, objectId: 0 });
      assert.equal(failure?.kind, "mismatch");
      assert.equal(rig.server.requests.length, 2);
    });
  });

  it("keeps the windows of line and units", async () => {
    let flying = 0;
    let most = 0;
    const perUnit = new Map<number, number>();
    const slow: Script = (request) => [{ wait: 3 }, { send: right(request) }];
    await withRig(slow, { settings: { window: 4 }, unitWindows: { 1: 2, 2: 4, 3: 1 } }, async (rig) => {
      rig.server.requested.on(({ unit }) => {
        most = Math.max(most, ++flying);
        perUnit.set(unit, Math.max(perUnit.get(unit) ?? 0, flyingOf(rig, unit)));
      });
      const asked = Array.from({ length: 60 }, (_, index) =>
        rig.ask(readRegisters(index), { unit: 1 + (index % 3) }).finally(() => flying--),
      );
      const outcomes = await Promise.all(asked);
      assert.ok(outcomes.every(({ answer }) => answer !== undefined));
      assert.equal(most, 4);
      assert.ok((perUnit.get(1) ?? 9) <= 2 && (perUnit.get(3) ?? 9) <= 1);
    });

    function flyingOf(rig: TcpLineRig, unit: number): number {
      const asked = rig.server.requests.filter((request) => request.unit === unit).length;
      return asked - (rig.line.statistics().units.get(unit)?.answers ?? 0);
    }
  });

  it("sends a write after the reads under way to its unit and before everything else", async () => {
    const slow: Script = (request) => [{ wait: 20 }, { send: right(request) }];
    await withRig(slow, { settings: { window: 8 }, unitWindows: { 1: 4, 2: 4 } }, async (rig) => {
      const reads = [rig.ask(readRegisters(1)), rig.ask(readRegisters(2))];
      await requests(rig, 2);
      const rest = [rig.ask(readRegisters(3)), rig.ask(WRITE, { lane: "write" }), rig.ask(readRegisters(4))];
      const other = rig.ask(readRegisters(5), { unit: 2 });
      await Promise.all([...reads, ...rest, other]);
      assert.equal(order(rig), "1:3 1:3 1:3 2:3 1:6 1:3");
    });
  });

  it("cuts nothing into a transaction of several steps", async () => {
    const slow: Script = (request) => [{ wait: 10 }, { send: right(request) }];
    await withRig(slow, { settings: { window: 8 }, unitWindows: { 1: 4 } }, async (rig) => {
      const steps: Request[] = [WRITE, { fc: 4, address: 3, quantity: 1 }];
      const chain = rig.ask(readRegisters(3), { follow: (_answer, step) => steps[step] });
      const others = [
        rig.ask(WRITE, { lane: "write" }),
        rig.ask(readRegisters(1)),
        rig.ask(readRegisters(1), { unit: 2 }),
      ];
      const { answer } = await chain;
      await Promise.all(others);
      assert.deepEqual(answer, { kind: "registers", registers: [registerOf(1, 3)] });
      assert.equal(order(rig), "1:3 2:3 1:6 1:4 1:6 1:3");
    });
  });

  it("says which step failed, and gives each step a time of its own", async () => {
    const script: Script = (request) => (request.pdu[0] === 6 ? [] : [{ wait: 60 }, { send: right(request) }]);
    await withRig(script, {}, async (rig) => {
      const { failure, step } = await rig.ask(readRegisters(3), {
        responseTimeout: ms(100),
        follow: (_answer, at) => (at === 0 ? readRegisters(4) : WRITE),
      });
      assert.deepEqual({ failure, step }, { failure: { kind: "timeout", after: 100 }, step: 2 });
    });
  });

  it("does not send a step for which it has become too late, and goes on", async () => {
    await withRig(honest, {}, async (rig) => {
      const { failure, step } = await rig.ask(readRegisters(3), { follow: () => "too late" });
      assert.deepEqual({ failure, step }, { failure: { kind: "notSent", reason: "too late" }, step: 1 });
      assert.ok((await rig.ask(readRegisters(1))).answer);
      assert.equal(order(rig), "1:3 1:3");
    });
  });

  it("refuses what cannot be sent in time, whether it waits or is passed over", async () => {
    await withRig(silent, {}, async (rig) => {
      const first = rig.ask(readRegisters(1), { responseTimeout: ms(200) });
      const late = await rig.ask(readRegisters(2), { sendBy: plus(systemClock.now(), ms(30)) });
      assert.deepEqual(late.failure, { kind: "notSent", reason: "too late" });
      const before = await rig.ask(readRegisters(2), { sendBy: plus(systemClock.now(), ms(-1)) });
      assert.deepEqual(before.failure, { kind: "notSent", reason: "too late" });
      assert.equal((await first).failure?.kind, "timeout");
      const free = await rig.ask(readRegisters(2), { sendBy: plus(systemClock.now(), ms(-1)) });
      assert.deepEqual(free.failure, { kind: "notSent", reason: "too late" });
      assert.equal(rig.server.requests.length, 1);
    });
  });

  it("refuses what its queue cannot hold", async () => {
    await withRig(silent, { queueLimit: 2 }, async (rig) => {
      const asked = [1, 2, 3, 4].map((address) => rig.ask(readRegisters(address), { responseTimeout: ms(50) }));
      assert.deepEqual((await asked[3])?.failure, { kind: "notSent", reason: "queue full" });
      await rig.line.close();
      assert.deepEqual((await asked[2])?.failure, { kind: "notSent", reason: "closing" });
    });
  });

  it("sends nothing while it is down, and says so at once", async () => {
    await withRig(honest, {}, async (rig) => {
      await rig.server.stop();
      await rig.becomes("down");
      assert.deepEqual((await rig.ask(WRITE)).failure, { kind: "notSent", reason: "line down" });
    });
  });

  for (const [what, act, reason] of [
    ["is reset by the peer", { then: "reset" }, /ECONNRESET/],
    ["is ended by the peer", { then: "end" }, /closed by the peer/],
    ["carries nonsense", { send: Buffer.from("HTTP/1.1 400 Bad Request") }, /protocol id/],
  ] as const) {
    it(`fails everything under way or waiting at once when the connection ${what}`, async () => {
      const script: Script = ({ index }) => (index < 3 ? [] : [act]);
      await withRig(script, { settings: { window: 4 }, unitWindows: { 1: 4 } }, async (rig) => {
        const began = systemClock.now();
        const asked = [1, 2, 3, 4, 5].map((address) =>
          rig.ask(readRegisters(address), { responseTimeout: ms(60_000) }),
        );
        const failures = (await Promise.all(asked)).map(({ failure }) => failure);
        for (const failure of failures.slice(0, 4)) {
          assert.ok(failure?.kind === "lineLost");
          assert.match(failure.reason, reason);
        }
        assert.deepEqual(failures[4], { kind: "notSent", reason: "line down" });
        assert.ok(systemClock.now() - began < 5000);
      });
    });
  }

  it("comes back when the server does, with one log line for each change", async () => {
    await withRig(honest, {}, async (rig) => {
      const { port } = rig.server;
      assert.ok((await rig.ask(readRegisters(1))).answer);
      await rig.server.stop();
      await rig.becomes("down");
      // A connection that was of use begins the back-off anew.
      assert.ok(rig.line.state.state === "down" && rig.line.state.attempt === 0);
      await eventually(
        rig.line.changes,
        (change) => change.state === "down" && change.attempt >= 2,
        "two vain attempts",
      );
      rig.server = await HostileServer.start(honest, port);
      await rig.becomes("up");
      assert.ok((await rig.ask(readRegisters(1))).answer);
      assert.deepEqual(
        rig.log.map(({ event }) => event),
        ["line.up", "line.down", "line.up"],
      );
      assert.equal(rig.line.statistics().connects, 2);
    });
  });

  for (const [what, host] of [
    ["no such name", "no-such-host.invalid"],
    ["no listener", "127.0.0.1"],
  ] as const) {
    it(`keeps trying where there is ${what}, and logs it once`, async () => {
      const server = await HostileServer.start(honest);
      const { port } = server;
      await server.stop();
      const rig = new LineRig(host, port);
      rig.line.open();
      await eventually(rig.line.changes, (change) => change.state === "down" && change.attempt >= 2, "two attempts");
      assert.deepEqual((await rig.ask(WRITE)).failure, { kind: "notSent", reason: "line down" });
      assert.deepEqual(
        rig.log.map(({ event }) => event),
        ["line.down"],
      );
      await rig.line.close();
    });
  }

  it("waits after the connection before the first request", async () => {
    const began = systemClock.now();
    await withRig(honest, { settings: { delayAfterConnect: ms(80) } }, async (rig) => {
      assert.ok(systemClock.now() - began >= 80);
      assert.ok((await rig.ask(readRegisters(1))).answer);
    });
  });

  it("resets the connection after a write that nobody answers", async () => {
    await withRig(silent, {}, async (rig) => {
      const ended = eventually(rig.server.ended, () => true, "the end of the connection");
      assert.equal((await rig.ask(WRITE, { responseTimeout: ms(40) })).failure?.kind, "timeout");
      assert.equal(await ended, "ECONNRESET");
      assert.equal(rig.line.statistics().resets, 1);
    });
  });

  it("keeps the connection after an unanswered write when another unit answered meanwhile, and counts the late echo", async () => {
    const script: Script = (request) =>
      request.pdu[0] === 6 ? [{ wait: 120 }, { send: right(request) }] : [{ send: right(request) }];
    await withRig(script, { settings: { window: 2 } }, async (rig) => {
      const write = rig.ask(WRITE, { responseTimeout: ms(60) });
      await requests(rig, 1);
      assert.ok((await rig.ask(readRegisters(1), { unit: 2 })).answer);
      assert.equal((await write).failure?.kind, "timeout");
      await pass(100);
      assert.ok((await rig.ask(readRegisters(1))).answer);
      const { resets, lateAnswers, connects } = rig.line.statistics();
      assert.deepEqual({ resets, lateAnswers, connects }, { resets: 0, lateAnswers: 1, connects: 1 });
    });
  });

  it("resets a half-open connection after two timeouts, and heals", async () => {
    const script: Script = (request) => (request.connection === 0 ? [{ then: "freeze" }] : honest(request));
    await withRig(script, { settings: { window: 2 }, unitWindows: { 1: 2 } }, async (rig) => {
      const options = { responseTimeout: ms(40) };
      const down = eventually(rig.line.changes, (change) => change.state === "down", "line down");
      const asked = [rig.ask(readRegisters(1), options), rig.ask(readRegisters(2), options)];
      assert.deepEqual(
        (await Promise.all(asked)).map(({ failure }) => failure?.kind),
        ["timeout", "timeout"],
      );
      await down;
      await rig.becomes("up");
      assert.ok((await rig.ask(readRegisters(1))).answer);
    });
  });

  it("accepts an answer that had arrived while the thread was busy past the deadline", async () => {
    await withRig(honest, {}, async (rig) => {
      const asked = rig.ask(readRegisters(1), { responseTimeout: ms(30) });
      await requests(rig, 1);
      const until = systemClock.now() + 60;
      while (systemClock.now() < until);
      assert.ok((await asked).answer);
    });
  });

  it("gives one deadline to an answer that trickles in", async () => {
    const trickle: Script = (request) =>
      [...right(request)].flatMap((byte) => [{ send: Buffer.of(byte) }, { wait: 15 }]);
    await withRig(trickle, {}, async (rig) => {
      const began = systemClock.now();
      assert.equal((await rig.ask(readRegisters(1), { responseTimeout: ms(60) })).failure?.kind, "timeout");
      assert.ok(systemClock.now() - began < 130);
    });
  });

  it("resets a connection on which an answer broke off, and takes nothing that followed for its end", async () => {
    const script: Script = (request) => [{ send: right(request).subarray(0, request.index === 0 ? -8 : undefined) }];
    await withRig(script, { settings: { window: 2 }, unitWindows: { 1: 2 } }, async (rig) => {
      const broken = rig.ask(readRegisters(1, 20), { responseTimeout: ms(120) });
      await requests(rig, 1);
      const next = rig.ask(readRegisters(2), { responseTimeout: ms(5000) });
      assert.equal((await broken).answer, undefined);
      assert.equal((await next).failure?.kind, "lineLost");
      await rig.becomes("up");
      assert.ok((await rig.ask(readRegisters(3))).answer);
    });
  });

  it("takes no late answer, whose request was given up long before, for the end of one that broke off", async () => {
    const script: Script = (request) => {
      if (request.index !== 1) return request.index === 0 ? [] : honest(request);
      const [late] = rig?.server.requests ?? [];
      const missing = late ? right(late) : Buffer.of();
      return [{ send: Buffer.concat([right(request).subarray(0, -missing.length), missing]) }];
    };
    let rig: TcpLineRig | undefined;
    await withRig(script, {}, async (served) => {
      rig = served;
      assert.equal((await rig.ask(readRegisters(1), { responseTimeout: ms(40) })).failure?.kind, "timeout");
      assert.equal((await rig.ask(readRegisters(2, 20))).failure?.kind, "lineLost");
      await rig.becomes("up");
      assert.ok((await rig.ask(readRegisters(3))).answer);
    });
  });

  it("resets a connection that is flooded with answers nobody waits for", async () => {
    const flood: Script = (request) => {
      const answer = right(request);
      return [{ send: Buffer.concat(Array.from({ length: request.index === 0 ? 150 : 1 }, () => answer)) }];
    };
    await withRig(flood, {}, async (rig) => {
      assert.ok((await rig.ask(readRegisters(1))).answer);
      await eventually(rig.line.changes, ({ state }) => state === "up", "another connection");
      assert.equal(rig.line.statistics().resets, 1);
      assert.ok((await rig.ask(readRegisters(2))).answer);
    });
  });

  it("rejects a request beyond the protocol and a follow-up that throws, and goes on", async () => {
    await withRig(honest, {}, async (rig) => {
      await assert.rejects(rig.ask({ fc: 6, address: 0, value: 70_000 }), { name: "InvariantError" });
      const follow = (): never => {
        throw new Error("a bug");
      };
      await assert.rejects(rig.ask(readRegisters(1), { follow }), { name: "InvariantError", message: /a bug/ });
      assert.ok((await rig.ask(readRegisters(1))).answer);
    });
  });

  it("resets a connection on which an answer comes that nobody asked for", async () => {
    await withRig(honest, {}, async (rig) => {
      const { port } = rig.server;
      await rig.server.stop();
      await rig.becomes("down");
      rig.server = await HostileServer.start(honest, port);
      rig.server.greeting = [{ wait: 20 }, { send: frame(0, 1, Buffer.of(3, 2, 0, 0)) }];
      assert.equal(await eventually(rig.server.ended, () => true, "the end of the connection"), "ECONNRESET");
    });
  });

  it("counts what happened, for the line and for each unit", async () => {
    const script: Script = (request) => {
      if (request.unit === 2) return [{ send: frame(request.id, 2, Buffer.of(0x83, 2)) }];
      return request.unit === 3 ? [] : [{ wait: 5 }, { send: frame(request.id, request.unit, rightPdu(request)) }];
    };
    await withRig(script, { unitWindows: { 1: 1, 2: 1, 3: 1 } }, async (rig) => {
      rig.line.statistics();
      await rig.ask(readRegisters(1));
      await rig.ask(readRegisters(1), { unit: 2 });
      await rig.ask(readRegisters(1), { unit: 3, responseTimeout: ms(20) });
      const { requests: asked, answers, failures, exceptions, units, utilisation, roundTrip } = rig.line.statistics();
      assert.deepEqual({ asked, answers, exceptions }, { asked: 3, answers: 1, exceptions: { 2: 1 } });
      assert.deepEqual(failures, { notSent: 0, lineLost: 0, timeout: 1, damaged: 0, mismatch: 0, exception: 1 });
      assert.equal(units.get(3)?.failures.timeout, 1);
      assert.equal(units.get(1)?.roundTrip.count, 1);
      assert.ok(roundTrip.p50 >= 4 && roundTrip.p50 < 1000);
      assert.ok(utilisation > 0.5 && utilisation <= 1);
      await pass(20);
      assert.ok(rig.line.statistics().utilisation < 0.5);
    });
  });

  it("ends with everything failed, and takes nothing afterwards", async () => {
    await withRig(silent, {}, async (rig) => {
      const asked = [rig.ask(readRegisters(1)), rig.ask(readRegisters(2))];
      await requests(rig, 1);
      await rig.line.close();
      assert.deepEqual(
        (await Promise.all(asked)).map(({ failure }) => failure),
        [
          { kind: "lineLost", reason: "closed by the master" },
          { kind: "notSent", reason: "closing" },
        ],
      );
      assert.deepEqual((await rig.ask(WRITE)).failure, { kind: "notSent", reason: "closing" });
    });
  });
});

const PARTS = ["takt", "conveyor", "1.0"];

/** Also answers FC 17 and, in three parts, FC 43. */
const serveAll: Script = (request) => {
  const [code = 0, , category = 0, object = 0] = request.pdu;
  if (code === 17) return [{ send: frame(request.id, request.unit, Buffer.of(17, 4, 42, 0xff, 1, 2)) }];
  if (code !== 43) return honest(request);
  const text = Buffer.from(PARTS[object] ?? "");
  const more = object < 2 ? [0xff, object + 1] : [0, 0];
  const pdu = Buffer.concat([Buffer.of(43, 14, category, 1, ...more, 3, object, text.length), text]);
  return [{ send: frame(request.id, request.unit, pdu) }];
};
