import assert from "node:assert/strict";
import { type PlantSimulation, simulatePlant } from "../../../simulators/plant-simulation.ts";
import { askUnits, type Responder } from "../../../simulators/wire/reply.ts";
import { serveSlaves } from "../../../simulators/wire/slave-server.ts";
import type { Device } from "../../../src/device/profile.ts";
import { fromHex } from "../../../src/kit/bytes.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { seededRandom } from "../../../src/kit/random.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";
import { RawClient } from "../../support/tcp/raw-client.ts";
import { sketchedDevice } from "../../support/slaves/slave-sketch.ts";

const LINE = { kind: "tcp" as const, name: "line", host: "127.0.0.1", port: 502 };

const devices: readonly Device[] = [
  sketchedDevice({ name: "first", line: "line", unit: 1 }),
  sketchedDevice({ name: "second", line: "line", unit: 255 }),
];

function simulate(options: { readonly unknownUnit?: "silent" | "gateway" } = {}): Promise<PlantSimulation> {
  return simulatePlant({
    lines: [LINE],
    devices,
    clock: systemClock,
    random: seededRandom(1),
    logger: silentLogger,
    portOverride: 0,
    ...options,
  });
}

/** FC 03, one register at 0. */
const READ = ">> 00 01 00 00 00 06 01 03 00 00 00 01";
const ZERO = "<< 00 01 00 00 00 05 01 03 02 00 00";

describe("a simulated line on a socket", () => {
  let simulation: PlantSimulation;
  let client: RawClient;

  beforeEach(async () => {
    simulation = await simulate();
    client = await RawClient.connect(simulation.address("line"));
  });

  afterEach(async () => {
    await client.close();
    await simulation.close();
  });

  it("answers what the guide's example asks, under its transaction id", async () => {
    simulation.device("second").memory.set("outputs", [0, 0, 0, 0, 0x1234, 0, 0, 0]);
    await client.converse(
      `>> 15 01 00 00 00 06 FF 03 00 04 00 01     unit 255, FC 03, register 4 (Messaging Guide V1.0b, 4.4.2)
       << 15 01 00 00 00 05 FF 03 02 12 34
       >> 15 02 00 00 00 06 01 03 00 04 00 01     the same of unit 1
       << 15 02 00 00 00 05 01 03 02 00 00
       >> 15 03 00 00 00 06 01 03 00 0A 00 01     a register that is not there
       << 15 03 00 00 00 03 01 83 02`,
    );
  });

  it("answers pipelined requests of one segment in order", async () => {
    await client.converse(
      `>> 00 01 00 00 00 06 01 06 00 00 00 2A 00 02 00 00 00 06 01 03 00 00 00 01 00 03 00 00 00 06 FF 03 00 00 00 01
       << 00 01 00 00 00 06 01 06 00 00 00 2A
       << 00 02 00 00 00 05 01 03 02 00 2A
       << 00 03 00 00 00 05 FF 03 02 00 00`,
    );
  });

  it("puts a request together that comes byte by byte", async () => {
    for (const byte of READ.slice(3).split(" ")) {
      client.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.converse(ZERO);
  });

  for (const [what, header] of [
    ["a protocol id other than 0", ">> 00 01 00 01 00 06 01 03 00 00 00 01"],
    ["a length that cannot be", ">> 00 01 00 00 01 00 01 03 00 00 00 01"],
  ] as const) {
    it(`closes a connection after ${what}, having answered what came before`, async () => {
      await client.converse(`${READ}${header.slice(2)}\n${ZERO}`);
      await client.ended();
    });
  }

  it("serves many clients at once, each its own answers", async () => {
    const others = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(simulation.address("line"))));
    await Promise.all(
      others.map((other, index) => {
        const id = index.toString(16).padStart(4, "0");
        return other.converse(`>> ${id} 00 00 00 06 01 03 00 00 00 01\n<< ${id} 00 00 00 05 01 03 02 00 00`);
      }),
    );
    await Promise.all(others.map((other) => other.close()));
  });

  it("goes on when a client leaves in the middle of a request", async () => {
    const rude = await RawClient.connect(simulation.address("line"));
    rude.send("00 01 00 00 00 06 01");
    rude.socket.resetAndDestroy();
    await client.converse(`${READ}\n${ZERO}`);
    await rude.ended();
  });

  it("reads no more from a client that does not read its answers, and serves the others meanwhile", async () => {
    const total = 100_000; // 25 MB of answers: more than the buffers of both sockets hold
    let asked = 0;
    const count = (): Buffer => {
      asked++;
      return Buffer.alloc(250);
    };
    const units = new Map<number, Responder>([
      [1, () => ({ kind: "answer", pdu: count(), after: ms(0) })],
      [2, () => ({ kind: "answer", pdu: Buffer.of(3, 0), after: ms(0) })],
    ]);
    const options = { host: "127.0.0.1", port: 0, clock: systemClock, logger: silentLogger };
    const server = await serveSlaves({ ...options, ask: askUnits(units, "silent") });
    const greedy = await RawClient.connect(server);
    const modest = await RawClient.connect(server);
    greedy.socket.pause();
    greedy.socket.write(Buffer.concat(Array.from({ length: total }, () => fromHex("00 01 00 00 00 02 01 03"))));
    for (let calm = 0; calm < 20;) {
      const before = asked;
      await modest.converse(">> 00 01 00 00 00 02 02 03\n<< 00 01 00 00 00 03 02 03 00");
      calm = asked === before ? calm + 1 : 0;
    }
    assert.ok(asked > 0 && asked < total, `${asked} of ${total} were taken in`);
    greedy.socket.removeAllListeners("data").resume();
    while (asked < total) await modest.converse(">> 00 01 00 00 00 02 02 03\n<< 00 01 00 00 00 03 02 03 00");
    await Promise.all([greedy.close(), modest.close()]);
    await server.close();
  });

  it("stays silent for a unit that is not there", async () => {
    await client.converse(`>> 00 07 00 00 00 06 09 03 00 00 00 01\n${READ}\n${ZERO}`);
    assert.equal(client.unread, "");
  });

  it("answers 0B for a unit that is not there when it stands for a gateway", async () => {
    const gateway = await simulate({ unknownUnit: "gateway" });
    const other = await RawClient.connect(gateway.address("line"));
    await other.converse(`>> 00 07 00 00 00 06 09 03 00 00 00 01\n<< 00 07 00 00 00 03 09 83 0B`);
    await other.close();
    await gateway.close();
  });

  describe("with a fault at one device", () => {
    const SECOND = ">> 00 09 00 00 00 06 FF 03 00 00 00 01\n<< 00 09 00 00 00 05 FF 03 02 00 00";

    it("keeps silent, while its neighbour answers", async () => {
      simulation.device("first").fault({ kind: "silent" });
      await client.converse(`${READ}\n${SECOND}`);
      simulation.device("first").heal();
      await client.converse(`${READ}\n${ZERO}`);
    });

    it("refuses with the exception it was given", async () => {
      simulation.device("first").fault({ kind: "exception", code: 4 });
      await client.converse(`${READ}\n<< 00 01 00 00 00 03 01 83 04\n${SECOND}`);
    });

    it("answers late, after its neighbour", async () => {
      simulation.device("first").fault({ kind: "delay", by: ms(40) });
      const asked = systemClock.now();
      await client.converse(`${READ}\n${SECOND}\n${ZERO}`);
      assert.ok(systemClock.now() - asked >= 40);
    });

    it("forgets a late answer whose client has gone", async () => {
      simulation.device("first").fault({ kind: "delay", by: ms(60_000) });
      await client.converse(`${READ}\n${SECOND}`);
      await client.close();
    });

    it("resets the connection on which it is asked", async () => {
      simulation.device("first").fault({ kind: "drop" });
      client.send(READ.slice(3));
      await client.ended();
    });
  });

  it("cuts all connections of a line, and takes new ones", async () => {
    await simulation.line("line").disconnect();
    await client.ended();
    const again = await RawClient.connect(simulation.address("line"));
    await again.converse(`${READ}\n${ZERO}`);
    await again.close();
  });
});

describe("a plant simulation", () => {
  const options = { devices, clock: systemClock, random: seededRandom(1), logger: silentLogger };

  for (const host of ["10.0.0.7", "0.0.0.0", "plc.example", "::", "1270.0.0.1", "127.0.0.1.example"]) {
    it(`refuses to take the place of ${host}`, async () => {
      await assert.rejects(simulatePlant({ ...options, lines: [{ ...LINE, host }] }), /line line: .* is no loopback/);
    });
  }

  it("says which line it cannot serve, and serves none", async () => {
    const first = await simulate();
    const lines = [
      { ...LINE, name: "other", port: 0 },
      { ...LINE, ...first.address("line") },
    ];
    await assert.rejects(simulatePlant({ ...options, lines }), /line line: cannot be simulated on .*EADDRINUSE/);
    await first.close();
  });
});
