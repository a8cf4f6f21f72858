import assert from "node:assert/strict";
import fc from "fast-check";
import { instant, ms, plus } from "../../../src/kit/time.ts";
import type { Failure } from "../../../src/modbus/failure.ts";
import {
  newWrite,
  nextWrite,
  type WriteEvent,
  type WriteRules,
  type WriteState,
} from "../../../src/scan/outputs/write-machine.ts";
import { share } from "../../support/mocha/soak.ts";

const RULES: WriteRules = {
  value: 5,
  repeatable: true,
  sendBy: instant(1000),
  verified: "byReadback",
  within: ms(500),
};
const PULSE: WriteRules = { ...RULES, repeatable: false, verified: "no" };

const at = instant(100);
const seen = (agrees: boolean): { agrees: boolean; value: number; description: string } => ({
  agrees,
  value: agrees ? 5 : 4,
  description: `reads back ${agrees ? 5 : 4}`,
});
const failed = (failure: Failure, part: "fetch" | "write" | "readback" = "write"): WriteEvent => ({
  kind: "failed",
  at,
  part,
  failure,
});
const exception = (code: number): Failure => ({ kind: "exception", code });

const TIMEOUT: Failure = { kind: "timeout", after: ms(100) };
const NOT_SENT: Failure = { kind: "notSent", reason: "line down" };

const START = newWrite(instant(0));
const SENDING = nextWrite(START, { kind: "sent", at: instant(50) }, RULES);
const UNKNOWN = nextWrite(SENDING, failed(TIMEOUT), RULES);
const RETRYING = nextWrite(UNKNOWN, { kind: "sent", at: instant(200) }, RULES);
const VERIFYING = nextWrite(SENDING, { kind: "confirmed", at, seen: undefined }, RULES);
const DIFFERENT = nextWrite(SENDING, { kind: "confirmed", at, seen: seen(false) }, RULES);
const BUSY = nextWrite(SENDING, failed(exception(6)), RULES);
const WITHDRAWN = nextWrite(SENDING, { kind: "withdrawn", at, reason: "newer" }, RULES);

/** In short: the state, or the outcome with its reason. */
function show(write: WriteState): string {
  if (write.state !== "done") return write.state === "waiting" ? `waiting until ${write.notBefore}` : write.state;
  return `${write.result.outcome}${write.result.reason === undefined ? "" : `: ${write.result.reason}`}`;
}

describe("a write", () => {
  const rows: readonly (readonly [what: string, from: WriteState, event: WriteEvent, rules: WriteRules, to: string])[] =
    [
      ["waits while it may be sent", START, { kind: "tick", at }, RULES, "waiting until 0"],
      [
        "expires unsent",
        START,
        { kind: "tick", at: instant(1001) },
        RULES,
        "expired: its time to live ran out before it could be sent",
      ],
      ["is sent", START, { kind: "sent", at }, RULES, "sending"],
      [
        "is rejected when withdrawn before",
        START,
        { kind: "withdrawn", at, reason: "newer" },
        RULES,
        "rejected: newer",
      ],
      ["under way is left to its answer", SENDING, { kind: "tick", at: instant(9999) }, RULES, "sending"],
      [
        "under way is left to its answer when withdrawn",
        SENDING,
        { kind: "withdrawn", at, reason: "newer" },
        RULES,
        "sending",
      ],
      ["is verified by its readback", SENDING, { kind: "confirmed", at, seen: seen(true) }, RULES, "verified"],
      [
        "that reads back otherwise is written again",
        SENDING,
        { kind: "confirmed", at, seen: seen(false) },
        RULES,
        "waiting until 150",
      ],
      [
        "pulse that reads back otherwise is only looked at",
        SENDING,
        { kind: "confirmed", at, seen: seen(false) },
        { ...RULES, repeatable: false },
        "verifying",
      ],
      [
        "is acknowledged where nobody verifies",
        SENDING,
        { kind: "confirmed", at, seen: undefined },
        PULSE,
        "acknowledged",
      ],
      [
        "verified by a tag is waited for",
        SENDING,
        { kind: "confirmed", at, seen: undefined },
        { ...PULSE, verified: "byTag" },
        "verifying",
      ],

      ["level, timeout", SENDING, failed(TIMEOUT), RULES, "waiting until 150"],
      ["pulse, timeout", SENDING, failed(TIMEOUT), PULSE, "unknown: no answer within 100 ms"],
      ["level, line lost", SENDING, failed({ kind: "lineLost", reason: "reset" }), RULES, "waiting until 150"],
      ["pulse, line lost", SENDING, failed({ kind: "lineLost", reason: "reset" }), PULSE, "unknown: line lost: reset"],
      ["level, damaged", SENDING, failed({ kind: "damaged", reason: "crc" }), RULES, "waiting until 150"],
      ["pulse, damaged", SENDING, failed({ kind: "damaged", reason: "crc" }), PULSE, "unknown: damaged frame: crc"],
      ["level, mismatch", SENDING, failed({ kind: "mismatch", reason: "echo" }), RULES, "waiting until 150"],
      ["pulse, mismatch", SENDING, failed({ kind: "mismatch", reason: "echo" }), PULSE, "unknown: wrong answer: echo"],
      ["level, not sent", SENDING, failed(NOT_SENT), RULES, "waiting until 150"],
      ["pulse, not sent", SENDING, failed(NOT_SENT), PULSE, "waiting until 150"],
      ["level, exception 01", SENDING, failed(exception(1)), RULES, "refused: exception 01 illegal function"],
      ["level, exception 03", SENDING, failed(exception(3)), RULES, "refused: exception 03 illegal data value"],
      ["exception 02", SENDING, failed(exception(2)), PULSE, "refused: exception 02 illegal data address"],
      ["level, exception 04", SENDING, failed(exception(4)), RULES, "waiting until 150"],
      ["pulse, exception 04", SENDING, failed(exception(4)), PULSE, "unknown: exception 04 server device failure"],
      ["level, exception 05", SENDING, failed(exception(5)), RULES, "verifying"],
      ["pulse, exception 05", SENDING, failed(exception(5)), PULSE, "acknowledged"],
      ["level, exception 06", SENDING, failed(exception(6)), RULES, "waiting until 150"],
      ["pulse, exception 06", SENDING, failed(exception(6)), PULSE, "waiting until 150"],
      ["level, exception 0A", SENDING, failed(exception(10)), RULES, "failed: exception 0A gateway path unavailable"],
      ["pulse, exception 0A", SENDING, failed(exception(10)), PULSE, "failed: exception 0A gateway path unavailable"],
      ["level, exception 0B", SENDING, failed(exception(11)), RULES, "waiting until 150"],
      [
        "pulse, exception 0B",
        SENDING,
        failed(exception(11)),
        PULSE,
        "unknown: exception 0B gateway target device failed to respond",
      ],

      [
        "whose registers could not be fetched first is tried again",
        SENDING,
        failed(TIMEOUT, "fetch"),
        PULSE,
        "waiting until 150",
      ],
      [
        "is no success when the fetch is only acknowledged",
        SENDING,
        failed(exception(5), "fetch"),
        PULSE,
        "waiting until 150",
      ],
      [
        "whose registers are refused to be fetched is refused",
        SENDING,
        failed(exception(2), "fetch"),
        PULSE,
        "refused: exception 02 illegal data address",
      ],
      ["that was not read back is looked at again", SENDING, failed(TIMEOUT, "readback"), RULES, "verifying"],
      [
        "that was not read back and never seen",
        nextWrite(SENDING, failed(TIMEOUT, "readback"), RULES),
        { kind: "tick", at: instant(601) },
        RULES,
        "unknown: confirmed, but not read back: no answer within 100 ms",
      ],

      ["that may have arrived is not expired", UNKNOWN, { kind: "tick", at: instant(600) }, RULES, "waiting until 150"],
      [
        "that may have arrived ends as unknown",
        UNKNOWN,
        { kind: "tick", at: instant(601) },
        RULES,
        "unknown: no answer within 100 ms",
      ],
      [
        "that may have arrived and is withdrawn",
        UNKNOWN,
        { kind: "withdrawn", at, reason: "newer" },
        RULES,
        "unknown: no answer within 100 ms",
      ],
      [
        "that may have arrived and is then verified",
        RETRYING,
        { kind: "confirmed", at, seen: seen(true) },
        RULES,
        "verified",
      ],
      [
        "that may have arrived, then not executed, stays unknown",
        RETRYING,
        failed(exception(10)),
        RULES,
        "unknown: no answer within 100 ms",
      ],
      [
        "that reads back otherwise to the end",
        DIFFERENT,
        { kind: "tick", at: instant(601) },
        RULES,
        "failed: reads back 4",
      ],

      ["looked at, and there", VERIFYING, { kind: "seen", at, seen: seen(true) }, RULES, "verified"],
      ["looked at, and not there yet", VERIFYING, { kind: "seen", at, seen: seen(false) }, RULES, "verifying"],
      [
        "never there",
        nextWrite(VERIFYING, { kind: "seen", at, seen: seen(false) }, RULES),
        { kind: "tick", at: instant(601) },
        RULES,
        "failed: reads back 4",
      ],
      ["never looked at", VERIFYING, { kind: "tick", at: instant(601) }, RULES, "unknown: its effect was not seen"],
      [
        "confirmed, and withdrawn",
        VERIFYING,
        { kind: "withdrawn", at, reason: "newer" },
        RULES,
        "acknowledged: not verified: newer",
      ],

      [
        "busy, and out of time",
        BUSY,
        { kind: "tick", at: instant(1001) },
        RULES,
        "failed: its time to live ran out (exception 06 server device busy)",
      ],
      ["busy, and withdrawn", BUSY, { kind: "withdrawn", at, reason: "newer" }, RULES, "failed: newer"],

      [
        "unanswered, and then refused",
        RETRYING,
        failed(exception(2)),
        RULES,
        "unknown: no answer within 100 ms; tried again: exception 02 illegal data address",
      ],

      ["withdrawn, timeout", WITHDRAWN, failed(TIMEOUT), RULES, "unknown: no answer within 100 ms"],
      ["withdrawn, not sent", WITHDRAWN, failed(NOT_SENT), RULES, "rejected: newer"],
      ["withdrawn, busy", WITHDRAWN, failed(exception(6)), RULES, "failed: newer"],
      ["withdrawn, verified", WITHDRAWN, { kind: "confirmed", at, seen: seen(true) }, RULES, "verified"],
      ["withdrawn, otherwise", WITHDRAWN, { kind: "confirmed", at, seen: seen(false) }, RULES, "failed: reads back 4"],
      [
        "withdrawn, confirmed",
        WITHDRAWN,
        { kind: "confirmed", at, seen: undefined },
        RULES,
        "acknowledged: not verified: newer",
      ],
      ["withdrawn, not read back", WITHDRAWN, failed(TIMEOUT, "readback"), RULES, "acknowledged: not verified: newer"],
    ];
  for (const [what, from, event, rules, to] of rows) {
    it(`${what} -> ${to}`, () => assert.equal(show(nextWrite(from, event, rules)), to));
  }

  it("pauses longer each time the slave is busy, and gives up after five times", () => {
    let write = START;
    const pauses: number[] = [];
    for (let turn = 0; turn < 5; turn++) {
      write = nextWrite(nextWrite(write, { kind: "sent", at }, PULSE), failed(exception(6)), PULSE);
      if (write.state === "waiting") pauses.push(write.notBefore - at);
    }
    assert.deepEqual(pauses, [50, 100, 200, 400]);
    assert.equal(show(write), "failed: exception 06 server device busy, 5 times");
  });
});

const failures: fc.Arbitrary<Failure> = fc.oneof(
  fc.constantFrom<Failure>(
    TIMEOUT,
    NOT_SENT,
    { kind: "lineLost", reason: "x" },
    { kind: "damaged", reason: "x" },
    { kind: "mismatch", reason: "x" },
  ),
  fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 10, 11).map(exception),
);

/** What the field does next; the shell decides whether a `sent` is due. */
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("pass" as const), span: fc.integer({ min: 0, max: 300 }) }),
    fc.record({ kind: fc.constant("confirmed" as const), seen: fc.constantFrom(undefined, seen(true), seen(false)) }),
    fc.record({
      kind: fc.constant("failed" as const),
      failure: failures,
      part: fc.constantFrom("fetch" as const, "write" as const, "readback" as const),
    }),
    fc.record({ kind: fc.constant("seen" as const), seen: fc.constantFrom(seen(true), seen(false)) }),
    fc.record({ kind: fc.constant("withdrawn" as const), reason: fc.constant("newer") }),
  ),
  { maxLength: 40 },
);
const anyRules = fc.record({
  repeatable: fc.boolean(),
  verified: fc.constantFrom("byReadback" as const, "byTag" as const, "no" as const),
});

/** Whether after this failure the slave may have executed the write. */
function mayHaveReached(step: { readonly failure: Failure; readonly part: string }): boolean {
  if (step.part === "readback") return true;
  if (step.part === "fetch" || step.failure.kind === "notSent") return false;
  return step.failure.kind !== "exception" || ![1, 2, 3, 6, 10].includes(step.failure.code);
}

describe("any write, whatever happens", () => {
  it("is, as a pulse, never sent again once it may have reached the slave, and ends in one outcome", () => {
    fc.assert(
      fc.property(steps, anyRules, (happening, kind) => {
        const rules: WriteRules = { ...RULES, ...kind };
        let now = instant(0);
        let write = newWrite(now);
        let reached = false;
        let withdrawn = false;
        const flush = (): void => {
          if (write.state !== "waiting" || write.notBefore > now) return;
          assert.ok(rules.repeatable || !reached, "a pulse was sent again");
          assert.ok(!withdrawn, "sent after it was withdrawn");
          assert.ok(reached || now <= rules.sendBy, "sent after its time");
          write = nextWrite(write, { kind: "sent", at: now }, rules);
        };
        flush();
        for (const step of happening) {
          const answers = step.kind === "confirmed" || step.kind === "failed";
          if (answers && write.state !== "sending") continue;
          const before = write;
          if (step.kind === "pass") {
            now = plus(now, ms(step.span));
            write = nextWrite(write, { kind: "tick", at: now }, rules);
            flush();
          } else {
            if (step.kind === "confirmed" || (step.kind === "failed" && mayHaveReached(step))) reached = true;
            withdrawn ||= step.kind === "withdrawn";
            write = nextWrite(write, { ...step, at: now }, rules);
          }
          if (before.state === "done") assert.equal(write, before, "an outcome changed");
        }
        if (write.state === "sending") write = nextWrite(write, { ...failedAt(now) }, rules);
        write = nextWrite(write, { kind: "tick", at: instant(1_000_000) }, rules);
        assert.ok(write.state === "done", `ended as ${write.state}`);
        const { outcome, reason } = write.result;
        assert.ok(
          reason !== undefined || outcome === "verified" || outcome === "acknowledged",
          "an outcome without reason",
        );
        if (reached) assert.ok(!["expired", "rejected"].includes(outcome), `${outcome} though it may have reached`);
      }),
      { numRuns: share(2000) },
    );
  });
});

function failedAt(now: ReturnType<typeof instant>): WriteEvent {
  return { kind: "failed", at: now, part: "write", failure: NOT_SENT };
}
