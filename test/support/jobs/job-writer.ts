import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";
import { JobStore } from "../../../src/store/job-store.ts";
import { levelDisk } from "../../../src/store/level-disk.ts";
import { Store } from "../../../src/store/store.ts";
import { endedJob, givenJob, queuedJob } from "./sample-job.ts";

/**
 * Appends the changes of numbered jobs to the store of a folder, and prints each append with what came of it:
 * `12 stored`, or `12` and why not; until it is killed.
 */
const [folder = "", first = "0"] = process.argv.slice(2);
const store = new Store({ folder, kind: levelDisk, clock: systemClock, tell: (event) => console.log(event) });
const jobs = new JobStore({
  store,
  read: () => undefined,
  stored: () => undefined,
  acknowledge(append, refusal) {
    console.log(`${append} ${refusal ?? "stored"}`);
    if (refusal === undefined) setImmediate(more);
    else systemClock.after("again", ms(20), more);
  },
  onError: (error) => console.log(String(error)),
});
let next = Number(first);
await store.open(ms(5000));
for (let lane = 0; lane < 4; lane++) more();

/** Three appends to a job: an order, its assignment with the number of the mail, its end. */
function more(): void {
  const append = next++;
  const job = { id: `j${Math.floor(append / 3)}`, labels: { text: "x".repeat(append % 500) } };
  const sequence = 1 + (append % 0xffff);
  const changes = [
    [{ kind: "job", job: queuedJob(job) }],
    [
      { kind: "job", job: givenJob({ ...job, state: "assigned" }) },
      { kind: "mail", device: "picker1", epoch: 1, sequence },
    ],
    [{ kind: "job", job: endedJob(job) }],
  ] as const;
  jobs.append(append, changes[append % 3] ?? []);
}
