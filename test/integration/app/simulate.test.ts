import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulate } from "../../../src/app/commands/simulate.ts";
import { RawClient } from "../../support/raw-client.ts";

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

  const unusable: readonly (readonly [string, () => Promise<void>, number, RegExp, number | undefined])[] = [
    ["a plant that is not there", () => Promise.resolve(), 2, /plant\.yaml/, 1],
    ["a plant elsewhere", () => plant("10.1.2.3"), 1, /10\.1\.2\.3 is no loopback address/, 1],
    ["a seed that is no number", () => plant("127.0.0.1"), 2, /--seed takes a whole number/, Number.NaN],
  ];
  for (const [what, prepare, code, message, seed] of unusable) {
    it(`says what is wrong with ${what}`, async () => {
      await prepare();
      let said = "";
      assert.equal(await simulate(file, seed === undefined ? {} : { seed }, (text) => (said += text)), code);
      assert.match(said, message);
    });
  }
});
