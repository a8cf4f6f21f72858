import assert from "node:assert/strict";
import { feedInterval, type ServiceState, Supervisor } from "../../../../src/app/service/supervisor.ts";
import { ms } from "../../../../src/kit/time.ts";
import { VirtualClock } from "../../../../src/kit/virtual-clock.ts";

describe("what the service manager is told", () => {
  let clock: VirtualClock;
  let told: ServiceState[];
  let busy: boolean;
  let supervisor: Supervisor;

  const supervise = (feedEvery: number): void => {
    clock = new VirtualClock();
    told = [];
    busy = false;
    const tell = (state: ServiceState): boolean => {
      if (!busy) told.push(state);
      return !busy;
    };
    supervisor = new Supervisor(tell, { clock, feedEvery: ms(feedEvery) });
  };

  const cycles = async (count: number): Promise<void> => {
    for (let cycle = 0; cycle < count; cycle++) {
      await clock.advance(ms(10));
      supervisor.completed();
    }
  };

  beforeEach(() => supervise(100));

  it("is ready with the first completed cycle, not before", async () => {
    await clock.advance(ms(1000));
    assert.deepEqual(told, []);
    await cycles(1);
    assert.deepEqual(told, ["READY=1"]);
  });

  it("is that it lives, as often as it wants to hear it", async () => {
    await cycles(32);
    assert.deepEqual(told, ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"]);
  });

  it("is nothing while no cycle completes, however long that takes, and leaves nothing to wait for", async () => {
    await cycles(11);
    await clock.advance(ms(60_000));
    assert.deepEqual(told, ["READY=1", "WATCHDOG=1"]);
    assert.deepEqual(clock.pending, []);
  });

  it("is told with a later cycle where the way was busy", async () => {
    busy = true;
    await cycles(5);
    busy = false;
    await cycles(1);
    busy = true;
    await cycles(50);
    busy = false;
    await cycles(2);
    assert.deepEqual(told, ["READY=1", "WATCHDOG=1"]);
  });

  it("is that it stops", () => {
    supervisor.stopping();
    assert.deepEqual(told, ["STOPPING=1"]);
  });

  it("is that it is ready, once, where there is no watchdog", async () => {
    supervise(Infinity);
    await cycles(1000);
    assert.deepEqual(told, ["READY=1"]);
  });
});

describe("the watchdog of a service", () => {
  const CASES: readonly [title: string, env: Readonly<Record<string, string>>, every: number][] = [
    ["is fed three times in its time", { WATCHDOG_USEC: "10000000", WATCHDOG_PID: "7" }, 10_000 / 3],
    ["is ours where no process is named", { WATCHDOG_USEC: "300000" }, 100],
    ["is left to the process it names", { WATCHDOG_USEC: "10000000", WATCHDOG_PID: "8" }, Infinity],
    ["is not there", {}, Infinity],
    ["is not understood", { WATCHDOG_USEC: "soon" }, Infinity],
  ];
  for (const [title, env, every] of CASES) {
    it(title, () => assert.equal(feedInterval(env, 7), every));
  }
});
