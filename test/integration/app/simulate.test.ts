import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulate, type SimulateOptions } from "../../../src/app/commands/simulate.ts";
import { RawClient } from "../../support/tcp/raw-client.ts";
import { startTakt } from "../../support/processes/takt.ts";

/** A port that was free a moment ago: a plant file cannot say "any". */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe("takt simulate", () => {
  let folder: string;
  let file: string;
  let port: number;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "takt-simulate-"));
    file = join(folder, "plant.yaml");
    port = await freePort();
  });

  afterEach(() => rm(folder, { recursive: true }));

  const plant = (host: string): Promise<void> =>
    writeFile(
      file,
      `plant: small
lines:
  cell: { tcp: { host: ${host}, port: ${port} } }
devices:
  belt: { profile: takt/conveyor, line: cell, unit: 7 }
`,
    );

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`serves a plant until ${signal}, and says where`, async () => {
      await plant("127.0.0.1");
      const listeners = process.listenerCount(signal);
      let said = "";
      let ready: () => void = () => undefined;
      const started = new Promise<void>((resolve) => (ready = resolve));
      const ended = simulate(file, { seed: 1 }, (text) => {
        said += text;
        ready();
      });
      await started;
      assert.match(said, new RegExp(`line cell +tcp://127.0.0.1:${port} +unit 7 belt \\(takt/conveyor\\)`));
      const client = await RawClient.connect({ host: "127.0.0.1", port });
      await client.converse(`>> 00 01 00 00 00 06 07 03 00 00 00 01\n<< 00 01 00 00 00 05 07 03 02 01 90`);
      await new Promise((resolve) => setImmediate(resolve));
      process.emit(signal);
      assert.equal(await ended, 0);
      await client.ended();
      assert.equal(process.listenerCount(signal), listeners);
    });
  }

  const unusable: readonly (readonly [string, () => Promise<void>, number, RegExp, SimulateOptions])[] = [
    ["a plant that is not there", () => Promise.resolve(), 2, /plant\.yaml/, {}],
    ["a plant elsewhere", () => plant("10.1.2.3"), 1, /10\.1\.2\.3 is no loopback address/, {}],
    ["a seed that is no number", () => plant("127.0.0.1"), 2, /--seed takes a whole number/, { seed: Number.NaN }],
    ["a fault seed that is none", () => plant("127.0.0.1"), 2, /--fault-seed takes/, { faultSeed: Number.NaN }],
    ["a rate that is none", () => plant("127.0.0.1"), 2, /--fault-rate takes a number from 0 to 1/, { faultRate: 2 }],
  ];
  for (const [what, prepare, code, message, options] of unusable) {
    it(`says what is wrong with ${what}`, async () => {
      await prepare();
      let said = "";
      assert.equal(await simulate(file, options, (text) => (said += text)), code);
      assert.match(said, message);
    });
  }

  it("takes commands for faults on standard input, and ends with it open", async () => {
    await plant("127.0.0.1");
    const takt = startTakt(["simulate", file, "--faults", "--seed", "1"]);
    try {
      await takt.said(/line cell/);
      const client = await RawClient.connect({ host: "127.0.0.1", port });
      const asked = ">> 00 01 00 00 00 06 07 03 00 00 00 01";
      await client.converse(`${asked}\n<< 00 01 00 00 00 05 07 03 02 01 90`);
      takt.tell("fault belt exception 6");
      await takt.said(/line cell, unit 7: exception 6/);
      await client.converse(`${asked}\n<< 00 01 00 00 00 03 07 83 06`);
      takt.tell("fault belt singing");
      await takt.said(/unknown fault "singing"; known: lost,/);
      takt.tell("heal belt");
      await takt.said(/belt is well/);
      await client.converse(`${asked}\n<< 00 01 00 00 00 05 07 03 02 01 90`);
      await client.close();
      assert.equal((await takt.stop("SIGTERM")).code, 0);
    } finally {
      await takt.kill();
    }
  });

  it("makes the same random faults for the same fault seed", async () => {
    await plant("127.0.0.1");
    const answers = async (faultSeed: string): Promise<string> => {
      const options = ["--seed", "1", "--fault-rate", "0.4", "--fault-seed", faultSeed];
      const takt = startTakt(["simulate", file, ...options]);
      try {
        await takt.said(/line cell/);
        let heard = "";
        for (let turn = 0; turn < 6; turn++) heard += `${await askOnce(port)}\n`;
        await takt.stop("SIGTERM");
        return heard;
      } finally {
        await takt.kill();
      }
    };
    const first = await answers("7");
    assert.match(first, /07 03 02 01 90/);
    assert.notEqual(new Set(first.split("\n")).size, 2, "nothing went wrong");
    assert.equal(await answers("7"), first);
    assert.notEqual(await answers("8"), first);
  });
});

/** A whole answer has so many bytes. */
const ANSWER_BYTES = 11;

/** The answer to a read on a connection of its own; whether it is a whole one is all that its time may not decide. */
async function askOnce(port: number): Promise<string> {
  const client = await RawClient.connect({ host: "127.0.0.1", port });
  client.send("00 01 00 00 00 06 07 03 00 00 00 01");
  const heard = await client.receive(ANSWER_BYTES).catch(() => "no whole answer");
  await client.close();
  return heard;
}
