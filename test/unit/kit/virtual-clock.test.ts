import assert from "node:assert/strict";
import { InvariantError } from "../../../src/kit/invariant.ts";
import { ms, wallTime } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";

describe("virtual clock", () => {
  let clock: VirtualClock;
  let log: string[];
  const note = (what: string) => (): void => void log.push(`${clock.now()} ${what}`);
  beforeEach(() => {
    clock = new VirtualClock(wallTime(1_000_000));
    log = [];
  });

  it("stands still until it is told to move", async () => {
    clock.after("a", ms(0), note("a"));
    await Promise.resolve();
    assert.deepEqual([log, clock.now()], [[], 0]);
  });

  it("fires in order of time, and in order of making where times are equal", async () => {
    clock.after("late", ms(20), note("late"));
    clock.after("early", ms(10), note("early"));
    clock.after("early too", ms(10), note("early too"));
    await clock.advance(ms(20));
    assert.deepEqual(log, ["10 early", "10 early too", "20 late"]);
  });

  it("fires what is due at the end of the span, and nothing after it", async () => {
    clock.after("due", ms(5), note("due"));
    clock.after("not yet", ms(5.001), note("not yet"));
    await clock.advance(ms(5));
    assert.deepEqual([log, clock.now(), clock.pending], [["5 due"], 5, ["not yet"]]);
  });

  it("fires within the same span what firing brought about", async () => {
    clock.after("a", ms(1), () => {
      note("a")();
      clock.after("b", ms(1), note("b"));
    });
    await clock.advance(ms(2));
    assert.deepEqual(log, ["1 a", "2 b"]);
  });

  it("lets promises settle at the instant of the firing, before time moves on", async () => {
    clock.after("a", ms(1), () => {
      const chain = Promise.resolve()
        .then(() => Promise.resolve())
        .then(note("settled"));
      chain.catch(assert.ifError);
    });
    clock.after("b", ms(2), note("b"));
    await clock.advance(ms(9));
    assert.deepEqual(log, ["1 settled", "2 b"]);
  });

  it("does not fire what was cancelled, even at the last moment", async () => {
    const victim = clock.after("victim", ms(1), note("victim"));
    clock.after("killer", ms(0.5), () => victim.cancel());
    await clock.advance(ms(2));
    victim.cancel();
    assert.deepEqual([log, clock.pending], [[], []]);
  });

  it("repeats on the grid until cancelled, from within the firing too", async () => {
    const timer = clock.every("tick", ms(10), () => {
      note("tick")();
      if (clock.now() === 30) timer.cancel();
    });
    await clock.advance(ms(100));
    assert.deepEqual([log, clock.pending], [["10 tick", "20 tick", "30 tick"], []]);
  });

  it("refuses to repeat without letting time pass", () => {
    assert.throws(() => clock.every("spin", ms(0), note("spin")), InvariantError);
  });

  it("takes a negative delay for none", async () => {
    clock.after("past", ms(-5), note("past"));
    await clock.advance(ms(0));
    assert.deepEqual(log, ["0 past"]);
  });

  it("moves the wall clock along", async () => {
    await clock.advance(ms(250));
    assert.equal(clock.wall(), 1_000_250);
  });
});
