import assert from "node:assert/strict";
import fc from "fast-check";
import { emptyMailbox, judgeMail, type MailboxState } from "../../../simulators/models/arm-mailbox.ts";
import { type Evidence, evidenceOf, type MailboxStatus, nextMail } from "../../../src/job/evidence.ts";

const MAIL = { device: "picker1", boot: 7, epoch: 3, sequence: 20 };
const SEEN: MailboxStatus = {
  ...{ boot: 7, epoch: 3, accepted: 19, done: 19, result: "done" },
  ...{ rejected: 0, rejectReason: "none", running: false },
};

describe("what a mailbox proves of a mail", () => {
  const table: readonly (readonly [string, Partial<MailboxStatus>, Evidence["kind"]])[] = [
    ["nothing of it is seen", {}, "none"],
    ["nothing was ever accepted", { accepted: 0, done: 0 }, "none"],
    ["no mail of this epoch has come", { epoch: 2, accepted: 400 }, "none"],
    ["it is accepted", { accepted: 20 }, "accepted"],
    ["it is being carried out", { accepted: 20, running: true }, "running"],
    ["it is accepted by a device that does not tell more", { accepted: 20, running: undefined }, "running"],
    ["it is done", { accepted: 20, done: 20 }, "ended"],
    ["a later mail was accepted, and it was not the one before", { accepted: 21 }, "never"],
    ["a later mail was accepted, and it had ended by then", { accepted: 21, done: 20, result: "noPart" }, "ended"],
    ["it was rejected", { rejected: 20, rejectReason: "busy" }, "rejected"],
    ["another mail was rejected", { rejected: 19, rejectReason: "busy" }, "none"],
    ["the device has started anew", { boot: 8, epoch: 0, accepted: 0, done: 0 }, "lost"],
    ["the device has started anew, and taken a later mail", { boot: 8, accepted: 21 }, "lost"],
    ["it came after the device had started anew", { boot: 8, accepted: 20, running: true }, "running"],
    ["another master has taken over", { epoch: 4, accepted: 0 }, "lost"],
    [
      "it came too late for the master that took over",
      { epoch: 4, rejected: 20, rejectReason: "staleEpoch" },
      "rejected",
    ],
  ];
  for (const [what, seen, kind] of table) {
    it(`${what}: ${kind}`, () => assert.equal(evidenceOf(MAIL, { ...SEEN, ...seen }).kind, kind));
  }

  it("counts around the end of 16 bits", () => {
    const mail = { ...MAIL, sequence: 0xffff };
    assert.equal(evidenceOf(mail, { ...SEEN, accepted: 1 }).kind, "never");
    assert.equal(evidenceOf({ ...MAIL, sequence: 1 }, { ...SEEN, accepted: 0xffff }).kind, "none");
  });

  it("says never only of what the slave's rules never accept afterwards", () => {
    const number = fc.integer({ min: 1, max: 12 });
    const mails = fc.array(fc.record({ sequence: number, epoch: fc.integer({ min: 1, max: 3 }) }), { maxLength: 12 });
    fc.assert(
      fc.property(
        mails,
        mails,
        fc.record({ sequence: number, epoch: fc.integer({ min: 1, max: 3 }) }),
        (before, after, mail) => {
          const take = (state: MailboxState, each: { sequence: number; epoch: number }): MailboxState => {
            const verdict = judgeMail(state, { ...each, command: "pick", sequenceEnd: each.sequence }, undefined);
            return verdict.kind === "ignored" ? state : verdict.state;
          };
          const seen = before.reduce(take, emptyMailbox);
          const others = before.filter(({ sequence, epoch }) => sequence !== mail.sequence || epoch !== mail.epoch);
          if (others.length < before.length) return;
          const status = { ...SEEN, boot: 1, epoch: seen.epoch ?? 0, accepted: seen.accepted, done: 0 };
          if (evidenceOf({ device: "a", boot: 1, ...mail }, status).kind !== "never") return;
          const late = [...after, mail].reduce(take, seen);
          assert.ok(late.epoch !== mail.epoch || late.accepted !== mail.sequence || after.length > 0);
          assert.notDeepEqual(take(seen, mail), { epoch: mail.epoch, accepted: mail.sequence });
        },
      ),
    );
  });
});

describe("the numbers of the next mail", () => {
  const table: readonly (readonly [
    string,
    Parameters<typeof nextMail>[0],
    Partial<MailboxStatus>,
    readonly number[],
  ])[] = [
    ["go on from the last", { epoch: 3, sequence: 20 }, {}, [3, 21]],
    ["go past 0", { epoch: 3, sequence: 0xffff }, { accepted: 0xffff }, [3, 1]],
    ["begin a new epoch where nothing is known of earlier mails", undefined, {}, [4, 1]],
    ["begin with epoch 1 at a device that was just started", undefined, { epoch: 0, accepted: 0 }, [1, 1]],
    ["begin a new epoch where another master's is newer", { epoch: 3, sequence: 20 }, { epoch: 9 }, [10, 1]],
    ["begin a new epoch where the device knows a later mail", { epoch: 3, sequence: 20 }, { accepted: 25 }, [4, 1]],
    ["go on where the device has forgotten all", { epoch: 3, sequence: 20 }, { epoch: 0, accepted: 0 }, [3, 21]],
  ];
  for (const [what, last, seen, [epoch, sequence]] of table) {
    it(what, () => assert.deepEqual(nextMail(last, { ...SEEN, ...seen }), { epoch, sequence }));
  }
});
