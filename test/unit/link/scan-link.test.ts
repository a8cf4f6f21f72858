import assert from "node:assert/strict";
import type { CommandResult } from "../../../src/command/command.ts";
import { err } from "../../../src/kit/result.ts";
import { instant, ms } from "../../../src/kit/time.ts";
import type { SampleChange, ToOffice, ToScan } from "../../../src/link/messages.ts";
import { LINK_CREDIT, ScanLink } from "../../../src/link/scan-link.ts";

const change = (tag: number, value: number): SampleChange => ({
  tag,
  value,
  quality: "good",
  reason: "ok",
  sourceTime: instant(value),
});

const batch = (cycle: number, ...samples: SampleChange[]) =>
  ({ kind: "samples", cycle, samples, renewed: [] }) as const;

const resultOf = (id: string): CommandResult => ({
  id,
  device: "belt",
  outcome: "verified",
  reason: undefined,
  results: {},
  took: ms(1),
});

const statusOf = (device: string, status: "online" | "offline") =>
  ({ device, status, since: instant(0), reason: undefined }) as const;

/** An office that answers only when told to. */
function rig() {
  const sent: ToOffice[] = [];
  const inbox: ToScan[] = [];
  const link = new ScanLink(() => Promise.resolve());
  const port = { post: (message: ToOffice) => sent.push(message), take: () => inbox.shift() };
  return { link, port, sent, inbox, kinds: () => sent.map((message) => message.kind) };
}

describe("the scan's end of the link", () => {
  it("sends a batch at once while it has credit", () => {
    const { link, port, sent } = rig();
    link.attach(port);
    link.samples(batch(1, change(0, 1)));
    assert.deepEqual(sent, [batch(1, change(0, 1))]);
  });

  it("without credit keeps the newest per tag and sends it as one batch when credit comes", () => {
    const { link, port, sent, inbox } = rig();
    link.attach(port);
    for (let cycle = 1; cycle <= 1000; cycle++) link.samples(batch(cycle, change(0, cycle), change(1, -cycle)));
    assert.equal(sent.length, LINK_CREDIT.batches);
    assert.equal(link.counters().coalesced, 2 * (1000 - LINK_CREDIT.batches - 1));

    inbox.push({ kind: "credit", of: "batch" });
    assert.deepEqual(link.receive(), []);
    assert.deepEqual(sent.slice(LINK_CREDIT.batches), [batch(1000, change(0, 1000), change(1, -1000))]);
  });

  it("keeps the newest renewal of a block, and forgets renewals when blocks get other numbers", () => {
    const { link, port, sent, inbox } = rig();
    const renewed = (at: number) => [{ block: 0, sourceTime: instant(at) }];
    link.samples({ ...batch(1, change(0, 1)), renewed: renewed(1) });
    link.samples({ ...batch(2), renewed: renewed(2) });
    link.attach(port);
    assert.deepEqual(sent, [{ ...batch(2, change(0, 1)), renewed: renewed(2) }]);

    for (let count = 1; count < LINK_CREDIT.batches; count++) link.samples(batch(3, change(0, 1)));
    link.samples({ ...batch(4), renewed: renewed(4) });
    link.blocks([[1], [0]]);
    for (let count = 0; count < 4; count++) inbox.push({ kind: "credit", of: "batch" });
    link.receive();
    assert.deepEqual(sent.slice(LINK_CREDIT.batches), [{ kind: "blocks", blocks: [[1], [0]] }]);
  });

  it("sends blocks before the renewals that name them", () => {
    const { link, port, kinds } = rig();
    link.blocks([[0]]);
    link.samples({ ...batch(1), renewed: [{ block: 0, sourceTime: instant(1) }] });
    link.attach(port);
    assert.deepEqual(kinds(), ["blocks", "samples"]);
  });

  it("drops the oldest events and log records without credit, counts them, and keeps every result", () => {
    const { link, port, sent } = rig();
    link.attach(port);
    for (let count = 0; count < 1000; count++) {
      link.event({ event: `e${count}`, at: instant(count), fields: {} });
      link.result(resultOf(`r${count}`));
    }
    assert.equal(sent.filter((message) => message.kind === "event").length, LINK_CREDIT.notes);
    assert.equal(sent.filter((message) => message.kind === "result").length, 1000);
    assert.equal(link.counters().dropped, 1000 - LINK_CREDIT.notes - 256);
  });

  it("keeps the newest status of each device", () => {
    const { link, port, sent } = rig();
    link.device(statusOf("belt", "offline"));
    link.device(statusOf("belt", "online"));
    link.device(statusOf("arm", "offline"));
    link.attach(port);
    assert.deepEqual(sent, [
      { kind: "device", status: statusOf("belt", "online") },
      { kind: "device", status: statusOf("arm", "offline") },
    ]);
  });

  it("hands out what the office asks, in order, and keeps credit to itself", () => {
    const { link, port, inbox } = rig();
    link.attach(port);
    const service = (device: string) =>
      ({ kind: "service", device, enabled: true, origin: "mqtt", sendBy: instant(0) }) as const;
    inbox.push(service("a"), { kind: "credit", of: "batch" }, service("b"));
    assert.deepEqual(link.receive(), [service("a"), service("b")]);
    assert.deepEqual(link.receive(), []);
  });

  it("keeps answers while no office is there and gives the next one fresh credit", () => {
    const { link, port, kinds } = rig();
    link.attach(port);
    for (let cycle = 0; cycle < LINK_CREDIT.batches; cycle++) link.samples(batch(cycle, change(0, cycle)));
    link.detach();
    link.result(resultOf("late"));
    link.samples(batch(9, change(0, 9)));
    const before = kinds().length;
    link.attach(port);
    assert.deepEqual(kinds().slice(before), ["result", "samples"]);
  });

  it("gives the next office the answers that one died with, and none that was worked off", () => {
    const { link, port, sent, inbox } = rig();
    link.attach(port);
    link.result(resultOf("told"));
    link.result(resultOf("untold"));
    inbox.push({ kind: "credit", of: "answer" });
    link.receive();
    const before = sent.length;
    link.detach();
    link.attach(port);
    assert.deepEqual(sent.slice(before), [{ kind: "result", result: resultOf("untold") }]);
  });

  it("gives what a unit said to the office that asked, not to the next one, which counts anew", () => {
    const { link, port, inbox, kinds } = rig();
    const request = { line: "cell", unit: 1, request: { fc: 3, address: 0, quantity: 1 }, timeout: ms(1) } as const;
    const ask = { kind: "access", access: 1, ...request, sendBy: instant(0) } as const;
    const said = err({ kind: "timeout", after: ms(1) } as const);
    link.attach(port);
    inbox.push(ask);
    link.receive();
    link.attach(port);
    link.accessed(1, said);
    assert.deepEqual(kinds(), []);
    inbox.push(ask);
    link.receive();
    link.accessed(1, said);
    assert.deepEqual(kinds(), ["accessed"]);
  });

  it("at the end sends what waits, credit or not, and says last that it has stopped", async () => {
    const { link, port, kinds } = rig();
    link.attach(port);
    for (let cycle = 0; cycle <= LINK_CREDIT.batches; cycle++) link.samples(batch(cycle, change(0, cycle)));
    const before = kinds().length;
    await link.stopped();
    assert.deepEqual(kinds().slice(before), ["samples", "stopped"]);
  });
});
