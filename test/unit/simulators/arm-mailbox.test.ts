import assert from "node:assert/strict";
import fc from "fast-check";
import {
  emptyMailbox,
  judgeMail,
  type Mail,
  type MailboxState,
  type RejectReason,
  type Verdict,
} from "../../../simulators/models/arm-mailbox.ts";

const mail = (sequence: number, epoch: number, sequenceEnd = sequence): Mail => ({
  sequence,
  epoch,
  command: "pick",
  sequenceEnd,
});

const at = (epoch: number, accepted: number): MailboxState => ({ epoch, accepted });

const accepted = (epoch: number, sequence: number): Verdict => ({ kind: "accepted", state: at(epoch, sequence) });

const rejected = (reason: RejectReason, state: MailboxState): Verdict => ({ kind: "rejected", state, reason });

const ignored: Verdict = { kind: "ignored" };

describe("the arm's job mailbox", () => {
  const table: readonly (readonly [string, MailboxState, Mail, Verdict])[] = [
    ["takes the first job of any epoch after a start", emptyMailbox, mail(9, 40_000), accepted(40_000, 9)],
    ["takes the next sequence", at(1, 5), mail(6, 1), accepted(1, 6)],
    ["takes a sequence that leaves some out", at(1, 5), mail(9, 1), accepted(1, 9)],
    ["goes on from 65535 with 1", at(1, 65_535), mail(1, 1), accepted(1, 1)],
    ["ignores a torn write", at(1, 5), mail(6, 1, 5), ignored],
    ["ignores an empty mailbox", at(1, 5), mail(0, 1), ignored],
    ["ignores a sequence it accepted before", at(1, 5), mail(5, 1), ignored],
    ["rejects a sequence that was overtaken", at(1, 5), mail(4, 1), rejected("staleSequence", at(1, 5))],
    ["rejects one that was overtaken around 65535", at(1, 2), mail(65_530, 1), rejected("staleSequence", at(1, 2))],
    ["begins anew with a newer epoch", at(1, 500), mail(1, 2), accepted(2, 1)],
    ["takes the same sequence in a newer epoch", at(1, 5), mail(5, 2), accepted(2, 5)],
    ["rejects an epoch that was superseded", at(2, 5), mail(6, 1), rejected("staleEpoch", at(2, 5))],
    ["knows that epoch 0 follows 65535", at(65_535, 5), mail(1, 0), accepted(0, 1)],
  ];
  for (const [what, state, letter, verdict] of table) {
    it(what, () => assert.deepEqual(judgeMail(state, letter, undefined), verdict));
  }

  it("lets a rejected sequence be sent again, since it was never accepted", () => {
    const busy = judgeMail(at(1, 5), mail(6, 1), "busy");
    assert.deepEqual(busy, rejected("busy", at(1, 5)));
    assert.deepEqual(judgeMail(at(1, 5), mail(6, 1), undefined), accepted(1, 6));
  });

  it("knows a newer epoch even from a job it rejects", () => {
    assert.deepEqual(judgeMail(at(1, 5), mail(6, 2), "busy"), rejected("busy", at(2, 0)));
  });

  it("never accepts a sequence twice, whatever arrives", () => {
    const letters = fc.array(
      fc.record({ sequence: fc.integer({ min: 0, max: 8 }), epoch: fc.integer({ min: 1, max: 3 }) }),
    );
    fc.assert(
      fc.property(letters, (arrivals) => {
        let state = emptyMailbox;
        const executed = new Set<string>();
        for (const { sequence, epoch } of arrivals) {
          const verdict = judgeMail(state, mail(sequence, epoch), undefined);
          if (verdict.kind === "ignored") continue;
          state = verdict.state;
          if (verdict.kind === "rejected") continue;
          assert.ok(!executed.has(`${epoch}/${sequence}`), `${epoch}/${sequence} was executed before`);
          executed.add(`${epoch}/${sequence}`);
        }
      }),
    );
  });
});
