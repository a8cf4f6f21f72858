import assert from "node:assert/strict";
import type { CommandResult, Outcome, SetCommand } from "../../../src/command/command.ts";
import { SeenCommands } from "../../../src/command/seen-commands.ts";
import { instant, ms } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";

const commandOf = (id: string, device = "d"): SetCommand => ({
  ...{ id, device, set: [["tag", 1]], ttl: ms(1000) },
  ...{ receivedAt: instant(0), origin: "test" },
});
const resultOf = (id: string, outcome: Outcome = "verified"): CommandResult => ({
  ...{ id, device: "d", outcome, reason: undefined, took: ms(1) },
  results: { tag: { outcome, reason: undefined, sent: undefined, readback: undefined } },
});

function carryOut(seen: SeenCommands, id: string, outcome?: Outcome): void {
  seen.started(commandOf(id));
  seen.ended(commandOf(id), resultOf(id, outcome));
}

describe("seen commands", () => {
  it("are known by device and id, with their result once there is one", () => {
    const seen = new SeenCommands(new VirtualClock());
    seen.started(commandOf("a"));
    assert.equal(seen.find(commandOf("a"))?.result, undefined);
    assert.ok(seen.find(commandOf("a")));
    assert.equal(seen.find(commandOf("a", "e")), undefined);
    seen.ended(commandOf("a"), resultOf("a"));
    assert.equal(seen.find(commandOf("a"))?.result?.outcome, "verified");
  });

  it("are forgotten after an hour, but not while they are under way", async () => {
    const clock = new VirtualClock();
    const seen = new SeenCommands(clock);
    seen.started(commandOf("under way"));
    carryOut(seen, "done");
    await clock.advance(ms(3_599_999));
    assert.equal(seen.full, false);
    assert.ok(seen.find(commandOf("done")));
    await clock.advance(ms(1));
    assert.equal(seen.full, false);
    assert.equal(seen.find(commandOf("done")), undefined);
    assert.ok(seen.find(commandOf("under way")));
  });

  it("that may have reached a device stay, however many come that sent nothing", () => {
    const seen = new SeenCommands(new VirtualClock());
    carryOut(seen, "first", "unknown");
    for (let id = 0; id < 12_000; id++) {
      if (id % 2 === 0) seen.ended(commandOf(String(id)), { ...resultOf(String(id), "rejected"), results: {} });
      else carryOut(seen, String(id), "expired");
    }
    assert.ok(seen.find(commandOf("first")));
    assert.ok(seen.find(commandOf("11999")));
    assert.equal(seen.find(commandOf("1999")), undefined);
    assert.ok(seen.find(commandOf("2000")));
  });

  it("leave no room for more when a hundred thousand were carried out within the hour", async () => {
    const clock = new VirtualClock();
    const seen = new SeenCommands(clock);
    for (let id = 0; id < 99_999; id++) carryOut(seen, String(id));
    assert.equal(seen.full, false);
    carryOut(seen, "last");
    assert.equal(seen.full, true);
    assert.ok(seen.find(commandOf("0")));
    await clock.advance(ms(3_600_000));
    assert.equal(seen.full, false);
  });
});
