import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ALARM_STATES,
  type AlarmState,
  type AlarmStateName,
  type Cause,
  nextAlarm,
  NORMAL,
  stands,
} from "../../../src/alarm/alarm-machine.ts";
import { type Instant, instant, ms } from "../../../src/kit/time.ts";

const rule = { after: ms(0), clearAfter: ms(0), latch: false };
const latched = { ...rule, latch: true };

function at(state: AlarmStateName): AlarmState {
  return { state, since: instant(0), turning: undefined };
}

describe("an alarm", () => {
  const table: readonly [from: AlarmStateName, event: Cause | "ack", to: AlarmStateName, latching: AlarmStateName][] = [
    ["normal", "standing", "unacknowledged", "unacknowledged"],
    ["normal", "gone", "normal", "normal"],
    ["normal", "unknown", "normal", "normal"],
    ["normal", "ack", "normal", "normal"],
    ["unacknowledged", "standing", "unacknowledged", "unacknowledged"],
    ["unacknowledged", "gone", "returned", "latched"],
    ["unacknowledged", "unknown", "unacknowledged", "unacknowledged"],
    ["unacknowledged", "ack", "acknowledged", "acknowledged"],
    ["acknowledged", "standing", "acknowledged", "acknowledged"],
    ["acknowledged", "gone", "normal", "latched"],
    ["acknowledged", "unknown", "acknowledged", "acknowledged"],
    ["acknowledged", "ack", "acknowledged", "acknowledged"],
    ["returned", "standing", "unacknowledged", "unacknowledged"],
    ["returned", "gone", "returned", "returned"],
    ["returned", "unknown", "returned", "returned"],
    ["returned", "ack", "normal", "normal"],
    ["latched", "standing", "unacknowledged", "unacknowledged"],
    ["latched", "gone", "latched", "latched"],
    ["latched", "unknown", "latched", "latched"],
    ["latched", "ack", "normal", "normal"],
  ];
  for (const [from, event, to, latching] of table) {
    it(`${from}, ${event}: ${to === latching ? to : `${to}, or ${latching} where it latches`}`, () => {
      const given = event === "ack" ? acknowledged(5) : looked(event, 5);
      const next = nextAlarm(at(from), given, rule);
      assert.deepEqual(next, { state: to, since: instant(to === from ? 0 : 5), turning: undefined });
      assert.equal(nextAlarm(at(from), given, latched).state, latching);
    });
  }

  it("knows every state of the table", () => {
    assert.deepEqual([...new Set(table.map(([from]) => from))], [...ALARM_STATES]);
  });

  type Step = readonly [at: number, cause: Cause, state: AlarmStateName];
  const delayed = { after: ms(200), clearAfter: ms(500), latch: false };
  const stories: readonly [story: string, steps: readonly Step[]][] = [
    [
      "is raised when its cause has stood for the on-delay",
      [
        [0, "standing", "normal"],
        [199, "standing", "normal"],
        [200, "standing", "unacknowledged"],
      ],
    ],
    [
      "is not raised by what comes and goes",
      [
        [0, "standing", "normal"],
        [150, "gone", "normal"],
        [200, "standing", "normal"],
        [399, "standing", "normal"],
        [400, "standing", "unacknowledged"],
      ],
    ],
    [
      "goes on counting the on-delay over an unknown moment, and is raised only by what is known",
      [
        [0, "standing", "normal"],
        [100, "unknown", "normal"],
        [250, "unknown", "normal"],
        [260, "standing", "unacknowledged"],
      ],
    ],
    [
      "returns when its cause has been gone for the off-delay",
      [
        [0, "standing", "normal"],
        [200, "standing", "unacknowledged"],
        [300, "gone", "unacknowledged"],
        [799, "gone", "unacknowledged"],
        [800, "gone", "returned"],
      ],
    ],
    [
      "does not return on an unknown cause: the off-delay begins anew",
      [
        [0, "standing", "normal"],
        [200, "standing", "unacknowledged"],
        [300, "gone", "unacknowledged"],
        [700, "unknown", "unacknowledged"],
        [900, "gone", "unacknowledged"],
        [1399, "gone", "unacknowledged"],
        [1400, "gone", "returned"],
      ],
    ],
  ];
  for (const [story, steps] of stories) {
    it(story, () => {
      let alarm: AlarmState = NORMAL;
      for (const [time, cause, state] of steps) {
        alarm = nextAlarm(alarm, looked(cause, time), delayed);
        assert.equal(alarm.state, state, `at ${time}`);
      }
    });
  }

  it("never clears without a known absence of its cause, never rises without a known presence, whatever comes", () => {
    const step = fc.tuple(
      fc.integer({ min: 1, max: 300 }),
      fc.constantFrom("standing", "gone", "unknown", "ack" as const),
    );
    const rules = fc.record({ after: delay(), clearAfter: delay(), latch: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), rules, (steps, given) => {
        let alarm: AlarmState = NORMAL;
        let now = 0;
        let knownSince: { readonly cause: string; readonly at: number } | undefined;
        for (const [span, event] of steps) {
          now += span;
          if (
            event !== "ack" &&
            event !== knownSince?.cause &&
            !(event === "unknown" && knownSince?.cause === "standing")
          )
            knownSince = { cause: event, at: now };
          const next = nextAlarm(alarm, event === "ack" ? acknowledged(now) : looked(event, now), given);
          if (!stands(alarm) && stands(next))
            assert.ok(event === "standing" && now - (knownSince?.at ?? now) >= given.after);
          if (stands(alarm) && !stands(next)) {
            assert.ok(event === "gone" && knownSince?.cause === "gone" && now - knownSince.at >= given.clearAfter);
            if (given.latch) assert.equal(next.state, "latched");
          }
          if (event === "unknown") assert.equal(next.state, alarm.state);
          alarm = next;
        }
      }),
    );
  });
});

function delay() {
  return fc.constantFrom(0, 50, 400).map(ms);
}

function looked(cause: Cause, time: number) {
  return { kind: "looked", cause, at: atTime(time) } as const;
}

function acknowledged(time: number) {
  return { kind: "acknowledged", at: atTime(time) } as const;
}

function atTime(time: number): Instant {
  return instant(time);
}
