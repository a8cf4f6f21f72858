import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveControl } from "../../src/app/control/control-server.ts";
import { openAccess } from "../../src/app/access/open-access.ts";
import { type Office, startOffice } from "../../src/app/office/start-office.ts";
import type { Timer } from "../../src/kit/clock.ts";
import type { LineSettings, Plant } from "../../src/config/plant/plant.ts";
import { silentLogger } from "../../src/kit/logger.ts";
import { err, ok } from "../../src/kit/result.ts";
import { seededRandom } from "../../src/kit/random.ts";
import { systemClock } from "../../src/kit/system-clock.ts";
import { ms } from "../../src/kit/time.ts";
import { eventually } from "../support/processes/eventually.ts";
import { officeBrief } from "../support/scan/office-brief.ts";
import { deviceOf, plantOf } from "../support/plants/plant.ts";
import { tagLike } from "../support/plants/tag.ts";

const line: LineSettings = {
  name: "cell",
  kind: "tcp",
  host: "127.0.0.1",
  port: 1502,
  window: 1,
  connectTimeout: ms(1000),
  roundTrip: ms(4),
  delayAfterConnect: ms(0),
  gateway: undefined,
};
const plant: Plant = {
  ...plantOf([deviceOf("belt", [tagLike({ name: "speed" })])]),
  lines: new Map([["cell", line]]),
};

describe("the control socket of the office", () => {
  let folder: string;
  let office: Office;
  let scanning: Timer;
  let ended: Promise<void> | undefined;
  const warnings: string[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "takt-office-"));
    office = await startOffice(officeBrief(plant, "mqtt://127.0.0.1:1", "r", { runtimeDir: folder }));
    scanning = systemClock.every("scan", ms(5), () => {
      for (const message of office.link.receive()) {
        if (message.kind !== "access") continue;
        const { access, unit, request, line: name, timeout } = message;
        const known = name === line.name && timeout === 250 && request.fc === 3;
        const answer = { kind: "registers", registers: [unit] } as const;
        office.link.accessed(access, known ? ok({ answer, took: ms(2) }) : err({ kind: "exception", code: 2 }));
      }
    });
  });

  afterEach(async () => {
    await (ended ?? office.link.stopped());
    scanning.cancel();
    rmSync(folder, { recursive: true });
  });

  it("brings requests to the scan and its answers back, and is gone with the office", async () => {
    const options = {
      direct: false,
      folder,
      clock: systemClock,
      random: seededRandom(1),
      warn: (text: string) => warnings.push(text),
    };
    const access = await openAccess(line, options);
    assert.match(access.through ?? "", new RegExp(`pid ${process.pid}, plant ${plant.name}, line ${line.name}`));
    const read = { fc: 3, address: 0, quantity: 1 } as const;
    const answer = { kind: "registers", registers: [9] };
    assert.deepEqual(await access.ask(9, read, ms(250)), { ok: true, value: { answer, took: 2 } });
    assert.deepEqual(await access.ask(9, { fc: 17 }, ms(250)), { ok: false, failure: { kind: "exception", code: 2 } });
    await access.close();
    assert.equal(readdirSync(folder).length, 1);
    ended = office.link.stopped();
    await ended;
    assert.deepEqual(warnings, []);
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(existsSync(folder), true);
  });
});

describe("an office whose line another running master has already", () => {
  it("says so in its log, with the other's plant and process id", async () => {
    const folder = mkdtempSync(join(tmpdir(), "takt-office-"));
    const identity = {
      plant: "press-shop",
      gateway: "press",
      pid: process.pid + 1,
      lines: [{ ...line, name: "press" }],
    };
    const other = await serveControl({
      describe: () => undefined,
      devices: [],
      ask: () => Promise.resolve(err("nobody calls")),
      folder,
      identity,
      access: () => Promise.resolve(err({ kind: "denied", reason: "a test" })),
      trace: () => Promise.resolve(err("a test")),
      clock: systemClock,
      logger: silentLogger,
    });
    const to = join(folder, "takt.log");
    const given = { runtimeDir: folder, log: { level: "warn", format: "json", to } } as const;
    const office = await startOffice(officeBrief(plant, "mqtt://127.0.0.1:1", "r", given));
    const scanning = systemClock.every("scan", ms(5), () => office.link.receive());
    try {
      const found = (): string | undefined =>
        readFileSync(to, "utf8")
          .split("\n")
          .find((text) => text.includes("line.shared"));
      const said = JSON.parse(await eventually(found)) as Record<string, unknown>;
      assert.deepEqual([said["line"], said["plant"], said["pid"]], ["cell", "press-shop", process.pid + 1]);
    } finally {
      await office.link.stopped();
      scanning.cancel();
      await other.close();
      rmSync(folder, { recursive: true });
    }
  });
});
