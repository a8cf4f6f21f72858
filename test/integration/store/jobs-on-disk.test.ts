import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobChange } from "../../../src/job/job-journal.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";
import { JobStore } from "../../../src/store/job-store.ts";
import { levelDisk } from "../../../src/store/level-disk.ts";
import { Store } from "../../../src/store/store.ts";
import { Program } from "../../support/processes/program.ts";
import { REPOSITORY } from "../../support/processes/takt.ts";

const STATES = ["queued", "assigned", "done"] as const;

describe("the store of jobs on a disk", () => {
  let root: string;
  let folder: string;
  let writer: Program | undefined;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "takt-jobs-"));
    folder = join(root, "store");
  });

  afterEach(async () => {
    await writer?.kill();
    await rm(root, { recursive: true, force: true });
  });

  /** What a master that starts now would be given. */
  async function read(): Promise<readonly JobChange[]> {
    const store = new Store({ folder, kind: levelDisk, clock: systemClock, tell: () => undefined });
    const given = new Promise<readonly JobChange[]>((resolve, reject) => {
      const jobs = new JobStore({
        store,
        read: ({ changes, unreadable }) =>
          unreadable === 0 ? resolve(changes) : reject(new Error(`${unreadable} unread`)),
        stored: () => undefined,
        acknowledge: () => undefined,
        onError: reject,
      });
      store.open(ms(5000)).then(() => jobs.load(), reject);
    });
    try {
      return await given;
    } finally {
      await store.close(ms(5000));
    }
  }

  function assertHolds(changes: readonly JobChange[], out: string): number {
    const stored = [...out.matchAll(/^(\d+) stored$/gm)].map(([, append]) => Number(append));
    const states = new Map(
      changes.flatMap((change) => (change.kind === "job" ? [[change.job.id, change.job.state]] : [])),
    );
    for (const append of stored) {
      const state = STATES.findIndex((each) => each === states.get(`j${Math.floor(append / 3)}`));
      assert.ok(state >= append % 3, `append ${append} was acknowledged; what is there is ${STATES[state]}`);
    }
    return stored.length;
  }

  it("gives back what it acknowledged, or later, when its process is killed at any instant", async () => {
    let first = 0;
    for (const after of [30, 300, 900]) {
      writer = Program.start(
        process.execPath,
        ["--import", "tsx", "test/support/jobs/job-writer.ts", folder, String(first)],
        {
          cwd: REPOSITORY,
        },
      );
      await writer.said(new RegExp(`^${first + after} stored$`, "m"));
      await writer.kill();
      const changes = await read();
      assert.ok(assertHolds(changes, writer.out) >= after);
      const mail = changes.find(({ kind }) => kind === "mail");
      assert.ok(mail?.kind === "mail" && mail.sequence >= first + after - 3);
      // the next begins with a job of its own
      first =
        3 *
        (1 + Math.max(...changes.flatMap((change) => (change.kind === "job" ? Number(change.job.id.slice(1)) : 0))));
    }
  });

  it("says why of what a full disk does not take, and loses nothing that it took", async () => {
    // Files of this process and its children end at 200 blocks, as a disk does that is full.
    const command = `ulimit -f 200 && exec "${process.execPath}" --import tsx test/support/jobs/job-writer.ts "${folder}"`;
    writer = Program.start("sh", ["-c", command], { cwd: REPOSITORY });
    await writer.said(/^\d+ stored$/m);
    await writer.said(/^store\.unavailable$/m);
    const [, reason = ""] = await writer.said(/^\d+ ((?!stored$).*)$/m);
    assert.match(reason, /File too large|too large|EFBIG|IO error/i);
    await writer.kill();
    assert.ok(assertHolds(await read(), writer.out) > 10);
  });
});
