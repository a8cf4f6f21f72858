import assert from "node:assert/strict";
import type { JobChange } from "../../../src/job/job-journal.ts";
import type { JobDecision, JobSubmission } from "../../../src/job/job-request.ts";
import { NO_TOTALS } from "../../../src/job/pool-totals.ts";
import { ms } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import type { Publication, Received } from "../../../src/mqtt/broker/broker.ts";
import { JobDesk, type JobReply } from "../../../src/mqtt/json/job-desk.ts";
import { topicsUnder } from "../../../src/mqtt/topics.ts";
import { endedJob, givenJob, queuedJob } from "../../support/jobs/sample-job.ts";

const JOB = "r/_pool/pickers/job";
const DECIDE = "r/_pool/pickers/decide";
const ORDER = { id: "b1", job: "pick" };
const DECISION = { id: "o1", job: "b1", decision: "retry", by: "anna" };

function rig({ listening = true, byRole = false } = {}) {
  const clock = new VirtualClock();
  const submitted: JobSubmission[] = [];
  const decided: JobDecision[] = [];
  const outlet = {
    submit: (submission: JobSubmission) => listening && submitted.push(submission) > 0,
    decide: (decision: JobDecision) => listening && decided.push(decision) > 0,
  };
  const desk = new JobDesk({
    topics: topicsUnder("r", { byRole }),
    outlet,
    clock,
    pools: new Map([["pickers", ["picker1"]]]),
  });
  const receive = (topic: string, payload: object | string, more: Partial<Received> = {}) =>
    desk.received({
      topic,
      payload: Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)),
      ...{ retained: false, expiry: undefined, responseTopic: undefined, correlationData: undefined },
      ...more,
    });
  return { clock, desk, submitted, decided, receive };
}

const told = (
  publications: readonly Publication[] | undefined,
): readonly (readonly [topic: string, payload: unknown])[] =>
  (publications ?? []).map(({ topic, payload }) => [topic, JSON.parse(payload)]);

const answered = (reply: JobReply | undefined): readonly (readonly [topic: string, payload: unknown])[] =>
  told(reply?.answer ? [reply.answer] : []);

const SILENT = { answer: undefined, event: undefined };

describe("the pools over MQTT", () => {
  it("take an order, and say nothing until it is stored", () => {
    const { clock, submitted, receive } = rig();
    const order = { ...ORDER, parameters: { x: 1 }, labels: { box: "17" }, priority: 7, deadline: "30s", ttl: "2s" };
    assert.deepEqual(receive(JOB, order), SILENT);
    const wall = clock.wall();
    const { takeBy, startBy, ...rest } = submitted[0] ?? assert.fail();
    assert.deepEqual([takeBy, startBy], [wall + 2000, wall + 30_000]);
    assert.deepEqual(rest, {
      ...{ id: "b1", pool: "pickers", type: "pick", parameters: { x: 1 }, labels: { box: "17" }, priority: 7 },
      ...{ origin: "mqtt", replyTo: undefined },
    });
  });

  it("hand on the role of the topic, and refuse one that there is none of", () => {
    const { submitted, decided, receive } = rig({ byRole: true });
    receive("r/_as/operator/_pool/pickers/job", ORDER);
    receive("r/_as/engineer/_pool/pickers/decide", DECISION);
    receive(JOB, { ...ORDER, id: "b2" });
    assert.deepEqual(
      [...submitted, ...decided].map(({ id, role }) => [id, role]),
      [
        ["b1", "operator"],
        ["b2", undefined],
        ["o1", "engineer"],
      ],
    );
    const [[topic, payload] = assert.fail()] = answered(
      receive("r/_as/boss/_pool/pickers/job", { ...ORDER, id: "b3" }),
    );
    assert.equal(topic, "r/_pool/pickers/res/b3");
    assert.match(JSON.stringify(payload), /"rejected","reason":"unknown role \\"boss\\"/);
  });

  it("take a decision with the name of who decided", () => {
    const { decided, receive } = rig();
    assert.deepEqual(receive(DECIDE, DECISION), SILENT);
    receive(DECIDE, { ...DECISION, by: undefined });
    assert.deepEqual(
      decided.map(({ job, decision, origin }) => [job, decision, origin]),
      [
        ["b1", "retry", "anna"],
        ["b1", "retry", "mqtt"],
      ],
    );
  });

  it("leave to others what is none of theirs, and an empty message to nobody", () => {
    const { receive } = rig();
    assert.equal(receive("r/arm/cmd/set", ORDER), undefined);
    assert.equal(receive("r/_pool/pickers/state", ORDER), undefined);
    assert.equal(receive("r/_pool/pickers/job/more", ORDER), undefined);
    assert.deepEqual(receive(JOB, ""), SILENT);
  });

  for (const [topic, request, leaf] of [
    [JOB, ORDER, "res"],
    [DECIDE, DECISION, "decided"],
  ] as const) {
    const { id } = request;
    const rejected = (reason: string): readonly unknown[] => [
      [`r/_pool/pickers/${leaf}/${id}`, { id, outcome: "rejected", reason }],
    ];
    it(`refuse what is retained, what came too late, what is wrong, and what the scan does not hear: ${topic}`, () => {
      const { submitted, decided, receive, clock } = rig();
      const tooLate = "expired: it came after the time it was meant for";
      const late = { ...request, notAfter: clock.wall() - 1 };
      assert.deepEqual(
        answered(receive(topic, request, { retained: true })),
        rejected("a retained message: it would be taken again after every restart"),
      );
      assert.deepEqual(answered(receive(topic, late)), rejected(tooLate));
      assert.deepEqual(answered(receive(topic, { ...request, job: 7 }))[0]?.[0], `r/_pool/pickers/${leaf}/${id}`);
      assert.deepEqual([submitted, decided], [[], []]);
      assert.deepEqual(
        answered(rig({ listening: false }).receive(topic, request)),
        rejected("busy: the scan does not answer"),
      );
    });
  }

  it("take an order no longer than the message was to live", () => {
    const { clock, submitted, receive } = rig();
    receive(JOB, { ...ORDER, ttl: "20s" }, { expiry: 3 });
    assert.equal(submitted[0]?.takeBy, clock.wall() + 3000);
  });

  it("answer on the response topic, with the correlation data, and only where that is no topic of ours", () => {
    const { desk, submitted, receive } = rig();
    const correlationData = Buffer.from([0, 255, 7]);
    receive(JOB, ORDER, { responseTopic: "mes/answers", correlationData });
    const replyTo = submitted[0]?.replyTo ?? assert.fail();
    assert.deepEqual(replyTo, { topic: "mes/answers", correlationData: correlationData.toString("base64") });
    const [, answer] = desk.changed([{ kind: "job", job: endedJob({ replyTo: [replyTo] }) }]);
    assert.deepEqual(
      [answer?.topic, answer?.correlationData, answer?.owed],
      ["mes/answers", correlationData, "outcome"],
    );
    for (const responseTopic of ["r/infeed/state", "r/infeed/res/c1", "r/_pool/pickers/res/b2"])
      receive(JOB, ORDER, { responseTopic });
    assert.deepEqual(
      submitted.slice(1).map(({ replyTo }) => replyTo),
      [undefined, undefined, undefined],
    );
  });

  it("tell whoever asked of a request without an id, and the plant where nobody can be told", () => {
    const { receive } = rig();
    for (const topic of [JOB, DECIDE]) {
      const { answer, event } = receive(topic, "{") ?? assert.fail();
      assert.deepEqual([answer, event?.event, event?.fields["pool"]], [undefined, "job.bad", "pickers"]);
      assert.match(event?.fields["reason"] ?? "", /JSON/);
    }
    const [answer] = answered(receive(JOB, "{", { responseTopic: "mes/answers" }));
    assert.deepEqual(answer?.[0], "mes/answers");
    assert.deepEqual((answer[1] as { id: unknown }).id, null);
  });

  it("tell every change that is stored, and the end to everybody who asked for the job", () => {
    const { desk } = rig();
    const states = (changes: readonly JobChange[]): readonly unknown[] =>
      told(desk.changed(changes)).map(([topic, payload]) => [topic, (payload as { state?: string }).state]);
    assert.deepEqual(states([{ kind: "job", job: queuedJob() }]), [["r/_pool/pickers/event", "queued"]]);
    assert.deepEqual(
      states([
        { kind: "job", job: givenJob({ state: "sent" }) },
        { kind: "mail", device: "picker1", epoch: 1, sequence: 1 },
      ]),
      [["r/_pool/pickers/event", "sent"]],
    );
    const replyTo = ["one", "two"].map((topic) => ({ topic, correlationData: undefined }));
    assert.deepEqual(states([{ kind: "job", job: endedJob({ replyTo }) }]), [
      ["r/_pool/pickers/event", "done"],
      ["one", undefined],
      ["two", undefined],
    ]);
    assert.deepEqual(states([{ kind: "job", job: endedJob() }])[1], ["r/_pool/pickers/res/b1", undefined]);
  });

  it("answer an id that comes again with how its job ended", () => {
    const { desk } = rig();
    const job = endedJob();
    const again = {
      pool: "pickers",
      id: "b1",
      to: "order",
      replyTo: undefined,
      outcome: "done",
      reason: undefined,
      job,
    } as const;
    const [, { settled: _, ...first } = assert.fail()] = desk.changed([{ kind: "job", job }]);
    assert.deepEqual(desk.answered(again), { answer: first, event: undefined });
  });

  it("know an end as told once the broker has it for everybody who asked, and tell what no master before did", () => {
    const { desk } = rig();
    const ends: string[] = [];
    const noted = ({ id }: { readonly id: string }): unknown => ends.push(id);
    const replyTo = ["one", "two"].map((topic) => ({ topic, correlationData: undefined }));
    const [event, one, two] = desk.changed([{ kind: "job", job: endedJob({ replyTo }) }], noted);
    event?.settled?.();
    one?.settled?.();
    assert.deepEqual(ends, []);
    two?.settled?.();
    assert.deepEqual(ends, ["b1"]);
    const untold = [endedJob({ id: "b2" })];
    const changes = [queuedJob(), ...untold].map((job) => ({ kind: "job", job }) as const);
    const [late, ...more] = desk.recalled({ changes, untold }, noted);
    assert.deepEqual([late?.topic, late?.owed, more], ["r/_pool/pickers/res/b2", "outcome", []]);
    late?.settled?.();
    assert.deepEqual(ends, ["b1", "b2"]);
  });

  it("tell nothing beside the end of a job where that is awaited, from the order on", () => {
    const { desk, receive } = rig();
    const wrong = { ...ORDER, priority: "x" };
    const refused = { pool: "pickers", id: "b1", to: "order", replyTo: undefined, outcome: "rejected" } as const;
    const elsewhere = { topic: "mes/answers", correlationData: undefined };
    const isBad = ({ answer, event }: JobReply = SILENT): void => {
      assert.deepEqual([answer, event?.event, event?.fields["id"]], [undefined, "job.bad", "b1"]);
    };
    receive(JOB, ORDER);
    isBad(receive(JOB, wrong));
    isBad(desk.answered({ ...refused, reason: "id used", awaited: true }));
    isBad(receive(JOB, wrong));
    desk.changed([{ kind: "job", job: queuedJob() }]);
    isBad(receive(JOB, wrong));
    isBad(receive(JOB, ORDER, { retained: true }));
    isBad(desk.answered({ ...refused, reason: "busy" }));
    assert.equal(desk.answered({ ...refused, reason: "busy", replyTo: elsewhere }).answer?.topic, "mes/answers");
    assert.equal(receive(JOB, wrong, { responseTopic: "mes/answers" })?.answer?.topic, "mes/answers");
    desk.changed([{ kind: "job", job: endedJob() }]);
    assert.equal(receive(JOB, wrong)?.answer?.topic, "r/_pool/pickers/res/b1");
  });

  it("tell an order that was refused so, and wait for nothing of it any more", () => {
    const { desk, receive } = rig();
    receive(JOB, ORDER);
    const refusal = { pool: "pickers", id: "b1", to: "order", replyTo: undefined, outcome: "rejected" } as const;
    const first = desk.answered({ ...refusal, reason: "unknown job" });
    assert.equal(first.answer?.topic, "r/_pool/pickers/res/b1");
    assert.equal(receive(JOB, { ...ORDER, priority: "x" })?.answer?.topic, "r/_pool/pickers/res/b1");
  });

  it("answer a decision on a topic of its own, whatever job has its id", () => {
    const { desk, receive } = rig();
    desk.changed([{ kind: "job", job: queuedJob() }]);
    const answer = { pool: "pickers", id: "b1", to: "decision", replyTo: undefined } as const;
    const topic = "r/_pool/pickers/decided/b1";
    assert.deepEqual(answered(desk.answered({ ...answer, outcome: "decided", reason: undefined })), [
      [topic, { id: "b1", outcome: "decided" }],
    ]);
    assert.deepEqual(answered(desk.answered({ ...answer, outcome: "rejected", reason: "no" })), [
      [topic, { id: "b1", outcome: "rejected", reason: "no" }],
    ]);
    assert.equal(receive(DECIDE, { ...DECISION, id: "b1", decision: "x" })?.answer?.topic, topic);
  });

  it("keep the state of each pool retained, at most twice a second, and tell it to a broker that is back", async () => {
    const { clock, desk } = rig();
    assert.match(desk.states()[0]?.payload ?? "", /"orders":0,.*"devices":\{"picker1":\{"done":0,/);
    assert.deepEqual(desk.states(), []);
    await clock.advance(ms(500));
    desk.recalled({ changes: [{ kind: "job", job: queuedJob() }], untold: [] });
    desk.changed([{ kind: "totals", pool: "pickers", totals: { ...NO_TOTALS, orders: 1 } }]);
    const [state] = desk.states();
    assert.deepEqual([state?.topic, state?.retain, state?.qos], ["r/_pool/pickers/state", true, 1]);
    const { queued, orders } = JSON.parse(state?.payload ?? "{}") as Record<string, number>;
    assert.deepEqual([queued, orders], [1, 1]);
    desk.changed([{ kind: "job", job: endedJob() }]);
    assert.deepEqual(desk.states(), []);
    await clock.advance(ms(500));
    assert.equal((JSON.parse(desk.states()[0]?.payload ?? "{}") as { queued: number }).queued, 0);
    assert.deepEqual(desk.states(), []);
    desk.tellAll();
    assert.equal(desk.states().length, 1);
  });
});
