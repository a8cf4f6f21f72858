import assert from "node:assert/strict";
import type { CommandResult } from "../../../src/command/command.ts";
import { SeenCommands } from "../../../src/command/seen-commands.ts";
import { ms } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";

const named = (id: string, device = "d"): { id: string; device: string } => ({ id, device });
const resultOf = (id: string): CommandResult => ({
  ...named(id),
  outcome: "verified",
  reason: undefined,
  results: {},
  took: ms(1),
});

describe("seen commands", () => {
  it("are known by device and id, with their result once there is one", () => {
    const seen = new SeenCommands(new VirtualClock());
    seen.started(named("a"));
    assert.equal(seen.find(named("a"))?.result, undefined);
    assert.ok(seen.find(named("a")));
    assert.equal(seen.find(named("a", "e")), undefined);
    seen.ended(resultOf("a"));
    assert.equal(seen.find(named("a"))?.result?.outcome, "verified");
  });

  it("are forgotten after an hour, but not while they are under way", async () => {
    const clock = new VirtualClock();
    const seen = new SeenCommands(clock);
    seen.started(named("under way"));
    seen.started(named("done"));
    seen.ended(resultOf("done"));
    await clock.advance(ms(3_599_999));
    seen.started(named("b"));
    assert.ok(seen.find(named("done")));
    await clock.advance(ms(1));
    seen.started(named("c"));
    assert.equal(seen.find(named("done")), undefined);
    assert.ok(seen.find(named("under way")));
  });

  it("are at most ten thousand, even when the oldest is still under way", () => {
    const seen = new SeenCommands(new VirtualClock());
    seen.started(named("first"));
    for (let id = 0; id < 12_000; id++) {
      seen.started(named(String(id)));
      seen.ended(resultOf(String(id)));
    }
    assert.ok(seen.find(named("first")));
    assert.ok(seen.find(named("11999")));
    assert.equal(seen.find(named("1999")), undefined);
    assert.ok(seen.find(named("2001")));
  });
});
