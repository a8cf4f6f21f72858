import assert from "node:assert/strict";
import { ms } from "../../../src/kit/time.ts";
import { describeFailure, type Failure, failurePolicy, type FailurePolicy } from "../../../src/modbus/failure.ts";

const exception = (code: number): Failure => ({ kind: "exception", code });

/** The table of docs/faults.md: what a failure does to the unit's health, what became of a write, what people read. */
const TABLE: readonly [Failure, FailurePolicy["hurtsHealth"], FailurePolicy["write"], string][] = [
  [{ kind: "notSent", reason: "line down" }, "no", "failed", "not sent: line down"],
  [{ kind: "notSent", reason: "queue full" }, "no", "failed", "not sent: queue full"],
  [{ kind: "notSent", reason: "too late" }, "no", "failed", "not sent: too late"],
  [{ kind: "notSent", reason: "closing" }, "no", "failed", "not sent: closing"],
  [{ kind: "lineLost", reason: "reset by peer" }, "no", "unknown", "line lost: reset by peer"],
  [{ kind: "timeout", after: ms(200.4) }, "yes", "unknown", "no answer within 200 ms"],
  [{ kind: "damaged", reason: "CRC" }, "yes", "unknown", "damaged frame: CRC"],
  [{ kind: "mismatch", reason: "echo" }, "whenRepeated", "unknown", "wrong answer: echo"],
  [exception(1), "no", "refused", "exception 01 illegal function"],
  [exception(2), "no", "refused", "exception 02 illegal data address"],
  [exception(3), "no", "refused", "exception 03 illegal data value"],
  [exception(4), "whenRepeated", "unknown", "exception 04 server device failure"],
  [exception(5), "no", "accepted", "exception 05 acknowledge"],
  [exception(6), "no", "busy", "exception 06 server device busy"],
  [exception(7), "whenRepeated", "unknown", "exception 07 negative acknowledge"],
  [exception(8), "whenRepeated", "unknown", "exception 08 memory parity error"],
  [exception(10), "yes", "failed", "exception 0A gateway path unavailable"],
  [exception(11), "yes", "unknown", "exception 0B gateway target device failed to respond"],
  [exception(0), "whenRepeated", "unknown", "exception 00 unknown exception"],
  [exception(200), "whenRepeated", "unknown", "exception C8 unknown exception"],
];

describe("failures", () => {
  for (const [failure, hurtsHealth, write, text] of TABLE) {
    it(`${text}: a write is ${write}, health is hurt: ${hurtsHealth}`, () => {
      assert.deepEqual(failurePolicy(failure), { hurtsHealth, write });
      assert.equal(describeFailure(failure), text);
    });
  }
});
