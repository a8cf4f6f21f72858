import assert from "node:assert/strict";
import { wallTime } from "../../../src/kit/time.ts";
import { nextDispatch } from "../../../src/job/dispatch.ts";
import type { Job, JobState, QueuedJob } from "../../../src/job/job.ts";
import { type JobEvent, nextJob } from "../../../src/job/next-job.ts";
import { ms } from "../../../src/kit/time.ts";
import { queuedJob } from "../../support/jobs/sample-job.ts";

const AT = wallTime(1000);
const ASSIGNMENT = { device: "picker1", boot: 7, epoch: 1, sequence: 5 };

function jobIn(state: JobState): Job {
  const { assignment: _none, ...rest } = queuedJob();
  return state === "queued" ? queuedJob() : { ...rest, state, assignment: ASSIGNMENT };
}

const evidence = (kind: "none" | "accepted" | "running" | "never"): JobEvent => ({
  kind: "evidence",
  evidence: { kind },
});
const ended = (result: string): JobEvent => ({ kind: "evidence", evidence: { kind: "ended", result } });
const rejected = (reason: string): JobEvent => ({ kind: "evidence", evidence: { kind: "rejected", reason } });
const lost: JobEvent = { kind: "evidence", evidence: { kind: "lost", reason: "it has started anew" } };
const decided = (decision: "retry" | "skip" | "done"): JobEvent => ({
  kind: "decided",
  id: "d1",
  decision,
  by: "anna",
});
const unsent: JobEvent = { kind: "unsent", reason: "offline" };
const doubted: JobEvent = { kind: "doubted", reason: "silent" };
const overdue: JobEvent = { kind: "overdue", reason: "silent" };

const TABLE: readonly (readonly [JobState, JobEvent, JobState])[] = [
  ["queued", { kind: "assigned", assignment: ASSIGNMENT }, "assigned"],
  ["queued", { kind: "expired" }, "failed"],
  ["queued", decided("skip"), "failed"],
  ["queued", decided("retry"), "queued"],
  ["queued", decided("done"), "queued"],
  ["queued", evidence("running"), "queued"],
  ["assigned", { kind: "sent" }, "sent"],
  ["assigned", unsent, "queued"],
  ["assigned", doubted, "unknown"],
  ["assigned", { kind: "expired" }, "assigned"],
  ["sent", unsent, "queued"],
  ["sent", evidence("none"), "sent"],
  ["sent", evidence("accepted"), "accepted"],
  ["sent", evidence("running"), "running"],
  ["sent", evidence("never"), "queued"],
  ["sent", rejected("busy"), "queued"],
  ["sent", rejected("badParameter"), "failed"],
  ["sent", rejected("unknownCommand"), "failed"],
  ["sent", doubted, "unknown"],
  ["sent", lost, "quarantined"],
  ["sent", decided("retry"), "sent"],
  ["accepted", evidence("running"), "running"],
  ["accepted", ended("done"), "done"],
  ["accepted", ended("noPart"), "failed"],
  ["running", evidence("accepted"), "running"],
  ["running", doubted, "unknown"],
  ["running", lost, "quarantined"],
  ["running", overdue, "quarantined"],
  ["unknown", doubted, "unknown"],
  ["unknown", evidence("running"), "running"],
  ["unknown", evidence("never"), "queued"],
  ["unknown", ended("done"), "done"],
  ["unknown", overdue, "quarantined"],
  ["unknown", decided("done"), "unknown"],
  ["quarantined", doubted, "quarantined"],
  ["quarantined", unsent, "quarantined"],
  ["quarantined", ended("done"), "done"],
  ["quarantined", evidence("running"), "running"],
  ["quarantined", evidence("never"), "queued"],
  ["quarantined", lost, "quarantined"],
  ["quarantined", overdue, "quarantined"],
  ["quarantined", decided("retry"), "queued"],
  ["quarantined", decided("skip"), "failed"],
  ["quarantined", decided("done"), "done"],
  ["done", decided("retry"), "done"],
  ["failed", ended("done"), "failed"],
];

describe("a job", () => {
  const rules = { redirectable: false, succeeded: ["done"] };
  for (const [from, event, to] of TABLE) {
    it(`that is ${from} is ${to} after ${JSON.stringify(event)}`, () => {
      assert.equal(nextJob(jobIn(from), event, AT, rules).state, to);
    });
  }

  it("that may be done twice goes to another device when nobody knows what became of it", () => {
    for (const state of ["sent", "accepted", "running", "unknown"] as const)
      for (const event of [lost, overdue]) {
        const after = nextJob(jobIn(state), event, AT, { ...rules, redirectable: true });
        assert.deepEqual([after.state, after.assignment], ["queued", undefined]);
      }
  });

  it("remembers when it was accepted first, and counts how often it was given to a device", () => {
    const accepted = nextJob(jobIn("sent"), evidence("accepted"), AT, rules);
    const running = nextJob(accepted, evidence("running"), wallTime(2000), rules);
    assert.deepEqual([running.acceptedAt, running.at], [AT, 2000]);
    const again = nextJob(jobIn("queued"), { kind: "assigned", assignment: ASSIGNMENT }, AT, rules);
    assert.equal(again.attempts, 1);
  });

  it("that nothing happens to stays the same object", () => {
    const job = jobIn("running");
    assert.equal(nextJob(job, evidence("running"), wallTime(9), rules), job);
  });
});

describe("the dispatcher", () => {
  const idle = (device: string, work: number, ready = true) => ({ device, ready, work: ms(work) });

  it("gives the most urgent job to the ready device that has worked least", () => {
    const queue = [queuedJob({ id: "a", number: 1 }), queuedJob({ id: "b", number: 2, priority: 9 })];
    const chosen = nextDispatch(queue, [idle("one", 500), idle("two", 100), idle("three", 0, false)]);
    assert.deepEqual([chosen?.job.id, chosen?.device], ["b", "two"]);
  });

  it("prefers, among equals, who may wait least, then who waits longest", () => {
    const late = queuedJob({ id: "late", number: 3, startBy: wallTime(5000) });
    const soon = queuedJob({ id: "soon", number: 4, startBy: wallTime(2000) });
    const old = queuedJob({ id: "old", number: 1 });
    const young = queuedJob({ id: "young", number: 2 });
    const order: string[] = [];
    let queue: readonly QueuedJob[] = [young, late, old, soon];
    while (queue.length > 0) {
      const first = nextDispatch(queue, [idle("one", 0)])?.job.id ?? "";
      order.push(first);
      queue = queue.filter(({ id }) => id !== first);
    }
    assert.deepEqual(order, ["soon", "late", "old", "young"]);
  });

  it("does nothing without a ready device, or without a job", () => {
    assert.equal(nextDispatch([queuedJob()], [idle("one", 0, false)]), undefined);
    assert.equal(nextDispatch([], [idle("one", 0)]), undefined);
  });
});
