import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";
import { levelDisk } from "../../../src/store/level-disk.ts";
import { type Entry, Store } from "../../../src/store/store.ts";
import { Program } from "../../support/processes/program.ts";
import { REPOSITORY } from "../../support/processes/takt.ts";

const WITHIN = ms(5000);
const RECORDS = 200;

describe("the store on a disk", () => {
  let root: string;
  let folder: string;
  let told: string[];

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "takt-store-"));
    folder = join(root, "store");
    told = [];
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  function storeOf(): Store {
    return new Store({ folder, kind: levelDisk, clock: systemClock, tell: (event) => told.push(event) });
  }

  async function used<T>(use: (store: Store) => Promise<T>): Promise<T> {
    const store = storeOf();
    await store.open(WITHIN);
    try {
      return await use(store);
    } finally {
      await store.close(WITHIN);
    }
  }

  /** Opened a second time, the journal has become a table. */
  async function filled(): Promise<void> {
    for (const half of [0, RECORDS / 2]) {
      await used(async (store) => {
        for (let number = half; number < half + RECORDS / 2; number++) {
          const change = { shelf: "jobs", key: String(number).padStart(9, "0"), value: { number } } as const;
          const stored = await store.write([change], { durable: number % 50 === 0, within: WITHIN });
          assert.deepEqual(stored, { ok: true, value: undefined });
        }
      });
    }
  }

  async function jobs(): Promise<readonly Entry[]> {
    return used(async (store) => {
      assert.deepEqual(store.state, { state: "open" });
      const page = await store.read("jobs", { limit: 1_000_000 }, WITHIN);
      assert.ok(page.ok);
      return page.value;
    });
  }

  async function filesLike(pattern: RegExp): Promise<readonly string[]> {
    return (await readdir(folder)).filter((file) => pattern.test(file)).map((file) => join(folder, file));
  }

  async function overwriteMiddle(pattern: RegExp): Promise<void> {
    for (const file of await filesLike(pattern)) {
      const bytes = await readFile(file);
      bytes.fill(7, bytes.length >> 1, (bytes.length >> 1) + 20);
      await writeFile(file, bytes);
    }
  }

  const damages: readonly [name: string, damage: () => Promise<void>, events: readonly string[], least: number][] = [
    ["nothing", () => Promise.resolve(), [], RECORDS],
    ["its journal in the middle", () => overwriteMiddle(/\.log$/), ["store.damaged"], RECORDS / 2],
    ["a table in the middle", () => overwriteMiddle(/\.ldb$/), ["store.repaired"], RECORDS / 2],
    [
      "the end of its journal",
      async () => {
        for (const file of await filesLike(/\.log$/)) await truncate(file, 1000);
      },
      [],
      RECORDS / 2,
    ],
    ["CURRENT", () => writeFile(join(folder, "CURRENT"), "garbage"), ["store.repaired"], RECORDS],
    ["CURRENT, which is gone,", () => rm(join(folder, "CURRENT")), ["store.repaired"], RECORDS],
    [
      "its manifest, which is gone,",
      async () => {
        for (const file of await filesLike(/^MANIFEST/)) await rm(file);
      },
      ["store.repaired"],
      RECORDS,
    ],
    [
      "a table, which is gone,",
      async () => {
        for (const file of await filesLike(/\.ldb$/)) await rm(file);
      },
      ["store.repaired"],
      1,
    ],
  ];
  for (const [name, damage, events, least] of damages) {
    it(`opens with ${name} damaged, keeps what can be read and ${events.length > 0 ? "says so" : "has nothing to say"}`, async () => {
      await filled();
      await damage();
      const left = await jobs();
      assert.deepEqual(told, events);
      assert.ok(left.length >= least && left.length <= RECORDS, `${left.length} of ${RECORDS} are left`);
      for (const { key, value } of left) assert.deepEqual(value, { number: Number(key) });
      assert.equal((await jobs()).length, left.length, "and it opens as it is from then on");
    });
  }

  it("is refused to a second process with a reason, and given to it when the first is gone", async () => {
    const first = startWriter();
    try {
      await first.said(/^\d+$/m);
      const second = storeOf();
      const refused = await second.open(ms(500));
      assert.deepEqual(refused, { state: "unavailable", reason: "it is in use by another takt" });
      const written = await second.write([{ shelf: "jobs", key: "a", value: 1 }], { durable: true, within: WITHIN });
      assert.deepEqual(written, {
        ok: false,
        failure: { kind: "unavailable", reason: "it is in use by another takt" },
      });
      await second.close(WITHIN);
    } finally {
      await first.stop("SIGKILL");
    }
    assert.ok((await jobs()).length > 0);
  });

  it("holds everything it acknowledged when its process is killed at any instant", async () => {
    const acknowledged = new Set<number>();
    let first = 0;
    for (const after of [30, 200, 700, 1500]) {
      const writer = startWriter(first);
      await writer.said(new RegExp(`^${first + after}$`, "m"));
      await writer.stop("SIGKILL");
      for (const [number] of writer.out.matchAll(/^\d+$/gm)) acknowledged.add(Number(number));
      const left = new Map((await jobs()).map(({ key, value }) => [Number(key), value]));
      const missing = [...acknowledged].filter((number) => !left.has(number));
      assert.deepEqual(missing, [], `acknowledged ${acknowledged.size}`);
      for (const [number, value] of left) assert.deepEqual(value, { number, text: "x".repeat(number % 500) });
      first = Math.max(...left.keys()) + 1;
    }
    assert.deepEqual(told, []);
  });

  function startWriter(first = 0): Program {
    const args = ["--import", "tsx", "test/support/store/store-writer.ts", folder, String(first)];
    return Program.start(process.execPath, args, { cwd: REPOSITORY });
  }
});
