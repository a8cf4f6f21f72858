import assert from "node:assert/strict";
import type { JobChange } from "../../../src/job/job-journal.ts";
import { Signal } from "../../../src/kit/signal.ts";
import { LinkJournal } from "../../../src/link/link-journal.ts";

const mail = (sequence: number): readonly JobChange[] => [{ kind: "mail", device: "picker1", epoch: 1, sequence }];

function rig() {
  const restarted = new Signal<undefined>();
  const sent: (readonly [append: number, changes: readonly JobChange[]])[] = [];
  const journal = new LinkJournal({ restarted, jobs: (append, changes) => sent.push([append, changes]) });
  return { restarted, sent, journal };
}

describe("the scan's end of the journal", () => {
  it("says of changes that they are stored when the office does, and why not when it does not", () => {
    const { sent, journal } = rig();
    const first = journal.append(mail(1));
    const second = journal.append(mail(2));
    assert.deepEqual([first.outcome, second.outcome, journal.waiting], [undefined, undefined, 2]);
    const [one, two] = sent.map(([append]) => append);
    journal.settled(two ?? 0, "the disk is full");
    assert.deepEqual([first.outcome, second.outcome], [undefined, { ok: false, failure: "the disk is full" }]);
    journal.settled(one ?? 0, undefined);
    assert.deepEqual([first.outcome, journal.waiting], [{ ok: true, value: undefined }, 0]);
  });

  it("gives the next office what the one before it did not acknowledge, in order, and nothing else", () => {
    const { sent, journal, restarted } = rig();
    const tickets = [1, 2, 3].map((sequence) => journal.append(mail(sequence)));
    journal.settled(sent[1]?.[0] ?? 0, undefined);
    const before = sent.splice(0);
    restarted.emit(undefined);
    assert.deepEqual(sent, [before[0], before[2]]);
    for (const [append] of sent) journal.settled(append, undefined);
    assert.ok(tickets.every(({ outcome }) => outcome?.ok));
    sent.length = 0;
    restarted.emit(undefined);
    assert.deepEqual(sent, []);
  });

  it("settles nothing twice: what comes late of an office that died changes nothing", () => {
    const { sent, journal } = rig();
    const ticket = journal.append(mail(1));
    const append = sent[0]?.[0] ?? 0;
    journal.settled(append, undefined);
    journal.settled(append, "the disk is full");
    journal.settled(append + 7, "of another master");
    assert.deepEqual(ticket.outcome, { ok: true, value: undefined });
  });

  it("has read what was stored when the master began; what a later office reads is known here better", () => {
    const { journal } = rig();
    assert.equal(journal.stored, undefined);
    journal.read(mail(1));
    journal.read(mail(9));
    assert.deepEqual(journal.stored, mail(1));
  });
});
