import assert from "node:assert/strict";
import { DeadlineAlarm } from "../../../src/bus/line/deadline-alarm.ts";
import { instant, type Instant, ms } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";

function alarmOver(open: Instant[], clock: VirtualClock, rung: Instant[]): DeadlineAlarm {
  return new DeadlineAlarm({
    name: "test",
    clock,
    earliest: () => [...open].sort((a, b) => a - b)[0],
    ring: (now) => {
      rung.push(now);
      open.splice(0, open.length, ...open.filter((due) => due > now));
    },
  });
}

describe("the deadline alarm", () => {
  it("rings at each deadline that is still open, with one timer for all", async () => {
    const clock = new VirtualClock();
    const rung: Instant[] = [];
    const open = [instant(30), instant(10), instant(20)];
    const alarm = alarmOver(open, clock, rung);
    for (const due of [...open]) {
      alarm.expect(due);
      assert.equal(clock.pending.length, 1);
    }
    await clock.advance(ms(100));
    assert.deepEqual(rung, [10, 20, 30]);
    assert.deepEqual(clock.pending, []);
  });

  it("does not ring for a deadline that was met, and goes on with the next", async () => {
    const clock = new VirtualClock();
    const rung: Instant[] = [];
    const open = [instant(10)];
    const alarm = alarmOver(open, clock, rung);
    alarm.expect(instant(10));
    open[0] = instant(25);
    await clock.advance(ms(20));
    assert.deepEqual(rung, []);
    await clock.advance(ms(20));
    assert.deepEqual(rung, [25]);
  });

  it("lets what had arrived be heard before it rings", async () => {
    const clock = new VirtualClock();
    const story: string[] = [];
    const alarm = new DeadlineAlarm({
      name: "test",
      clock,
      earliest: () => {
        if (story.length > 0) return undefined;
        queueMicrotask(() => story.push("heard"));
        return instant(10);
      },
      ring: () => story.push("rung"),
    });
    alarm.expect(instant(10));
    await clock.advance(ms(20));
    assert.deepEqual(story, ["heard", "rung"]);
  });

  it("is silent after cancel, even when it was about to ring", async () => {
    const clock = new VirtualClock();
    const rung: Instant[] = [];
    const alarm = new DeadlineAlarm({
      name: "test",
      clock,
      earliest: () => {
        queueMicrotask(() => alarm.cancel());
        return instant(10);
      },
      ring: (now) => rung.push(now),
    });
    alarm.expect(instant(10));
    await clock.advance(ms(20));
    assert.deepEqual([rung, clock.pending], [[], []]);
  });
});
