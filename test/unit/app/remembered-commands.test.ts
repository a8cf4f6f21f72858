import assert from "node:assert/strict";
import { RememberedCommands } from "../../../src/app/office/remembered-commands.ts";
import type { CommandResult, Outcome, SetCommand } from "../../../src/command/command.ts";
import type { Value } from "../../../src/device/quality.ts";
import { ms } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { CommandMemory } from "../../../src/store/command-memory.ts";
import { SHELVES } from "../../../src/store/shelves.ts";
import { Store } from "../../../src/store/store.ts";
import { MemoryDisk } from "../../support/store/memory-disk.ts";
import { deviceLike, level, pulse } from "../../support/plants/scan-plant.ts";

const belt = deviceLike("belt", {
  tags: { run: { write: level() }, jog: { write: pulse() } },
});

/** One office in one life of the master, on a disk that outlives it. */
class OfficeLife {
  readonly passed: string[] = [];
  readonly told: CommandResult[] = [];
  readonly store: Store;
  readonly clock: VirtualClock;
  commands: RememberedCommands | undefined;
  listening = true;

  constructor(disk: MemoryDisk, clock: VirtualClock) {
    this.clock = clock;
    this.store = new Store({ folder: "/store", kind: disk, clock, tell: () => undefined });
  }

  async begin(life: string): Promise<this> {
    const { store, clock } = this;
    const memory = new CommandMemory({ store, clock, life });
    const opened = store.open(ms(100)).then(() => memory.load());
    await clock.advance(ms(100));
    await opened;
    this.commands = new RememberedCommands({
      memory,
      outlet: {
        command: ({ id }: { readonly id: string }) => {
          this.passed.push(id);
          return this.listening;
        },
        service: () => true,
        acknowledge: () => true,
        cancel: () => true,
      },
      devices: new Map([["belt", belt]]),
      clock,
      answer: (result) => this.told.push(result),
    });
    return this;
  }

  async ask(id: string, set: SetCommand["set"], span = ms(1)): Promise<void> {
    this.commands?.command(command(id, set, this.clock));
    await this.clock.advance(span);
  }

  async outcome(id: string, outcome: Outcome, part: Outcome = outcome): Promise<void> {
    const results = { jog: { outcome: part, reason: undefined, sent: true, readback: undefined } };
    this.commands?.result({ id, device: "belt", outcome, reason: undefined, results, took: ms(7) });
    await this.clock.advance(ms(1));
  }

  get outcomes(): readonly string[] {
    return this.told.map(({ id, outcome }) => `${id} ${outcome}`);
  }
}

function command(id: string, set: SetCommand["set"], clock: VirtualClock): SetCommand {
  return { id, device: "belt", set, ttl: ms(5000), receivedAt: clock.now(), origin: "mqtt" };
}

const JOG: readonly (readonly [string, Value])[] = [["jog", true]];
const RUN: readonly (readonly [string, Value])[] = [["run", true]];

describe("commands that outlive the master", () => {
  const bench = (): { disk: MemoryDisk; clock: VirtualClock } => ({
    disk: new MemoryDisk(),
    clock: new VirtualClock(),
  });
  const lifeOn = ({ disk, clock }: ReturnType<typeof bench>, life: string): Promise<OfficeLife> =>
    new OfficeLife(disk, clock).begin(life);

  it("are stored before the scan has them, outcomes before they are told", async () => {
    const on = bench();
    const office = await lifeOn(on, "one");
    on.disk.hang();
    await office.ask("a", JOG);
    assert.deepEqual(office.passed, []);
    on.disk.release?.();
    await on.clock.advance(ms(1));
    assert.deepEqual(office.passed, ["a"]);
    on.disk.hang();
    await office.outcome("a", "acknowledged");
    assert.deepEqual(office.outcomes, []);
    on.disk.release?.();
    await on.clock.advance(ms(1));
    assert.deepEqual(office.outcomes, ["a acknowledged"]);
  });

  it("outlive a power cut at once where they pulse an output, and after a second otherwise", async () => {
    const on = bench();
    const office = await lifeOn(on, "one");
    on.disk.writes.length = 0;
    await office.ask("a", JOG);
    assert.deepEqual(on.disk.writes, [true]);
    await office.ask("b", RUN);
    assert.deepEqual(on.disk.writes, [true, false]);
    await on.clock.advance(ms(1000));
    assert.deepEqual(on.disk.writes, [true, false, true]);
  });

  it("are answered with the first outcome by the next life, and not passed on", async () => {
    const on = bench();
    const first = await lifeOn(on, "one");
    await first.ask("a", JOG);
    await first.outcome("a", "acknowledged");
    const next = await lifeOn(on, "two");
    await next.ask("a", JOG);
    assert.deepEqual(plain(next.told), plain(first.told));
    assert.deepEqual(next.passed, []);
    await next.ask("a", RUN);
    assert.match(next.told[1]?.reason ?? "", /used with other content/);
    assert.deepEqual(next.passed, []);
  });

  it("are answered with unknown by the next life when this one did not live to see the outcome", async () => {
    const on = bench();
    await (await lifeOn(on, "one")).ask("a", JOG);
    const next = await lifeOn(on, "two");
    await next.ask("a", JOG);
    assert.deepEqual(next.outcomes, ["a unknown"]);
    assert.deepEqual(next.passed, []);
  });

  it("armed nothing that the next life could call", async () => {
    const on = bench();
    const arm = { id: "a", device: "belt", arm: "jog", ttl: ms(5000), receivedAt: on.clock.now(), origin: "mqtt" };
    const first = await lifeOn(on, "one");
    first.commands?.command(arm);
    await on.clock.advance(ms(1));
    await first.outcome("a", "acknowledged");
    const next = await lifeOn(on, "two");
    next.commands?.command(arm);
    await on.clock.advance(ms(1));
    assert.deepEqual(next.outcomes, ["a rejected"]);
  });

  it("go to the scan again when only the office was started anew: the scan knows them", async () => {
    const on = bench();
    await (await lifeOn(on, "one")).ask("a", JOG);
    const office = await lifeOn(on, "one");
    await office.ask("a", JOG);
    assert.deepEqual(office.passed, ["a"]);
    await office.outcome("a", "acknowledged");
    const next = await lifeOn(on, "two");
    await next.ask("a", JOG);
    assert.deepEqual(next.outcomes, ["a acknowledged"]);
  });

  it("are remembered when nothing was sent too, and new after an hour", async () => {
    const on = bench();
    const first = await lifeOn(on, "one");
    await first.ask("a", JOG);
    await first.outcome("a", "rejected");
    const next = await lifeOn(on, "two");
    await next.ask("a", JOG);
    assert.deepEqual(next.outcomes, ["a rejected"]);
    await on.clock.advance(ms(3_600_000));
    await next.ask("a", JOG);
    assert.deepEqual(next.passed, ["a"]);
  });

  it("that sent nothing take no more memory than their shelf has room for, however many are rejected", async () => {
    const on = bench();
    const first = await lifeOn(on, "one");
    await first.ask("a", JOG);
    await first.outcome("a", "rejected");
    const { store } = await lifeOn(on, "two");
    const memory = new CommandMemory({ store, clock: on.clock, life: "two" });
    const loaded = memory.load();
    await on.clock.advance(ms(100));
    await loaded;
    const a = { id: "a", device: "belt" };
    assert.equal(memory.earlier(a)?.result?.outcome, "rejected");
    const rejected = { outcome: "rejected", reason: "no", results: {}, took: ms(1) } as const;
    const stored = Array.from({ length: SHELVES.unsent.entries }, (_, at) => {
      const each = { id: `b${at}`, device: "belt" };
      return [memory.begun(each, false), memory.ended({ ...each, ...rejected })];
    });
    assert.equal(memory.earlier(a), undefined);
    await on.clock.advance(ms(100));
    await Promise.all(stored.flat());
  });

  it("are carried out without a store, and held up by a slow one for 50 ms at most, in their order", async () => {
    const on = bench();
    const office = await lifeOn(on, "one");
    on.disk.hang();
    await office.ask("a", JOG);
    await office.ask("b", RUN);
    assert.deepEqual(office.passed, []);
    await on.clock.advance(ms(50));
    assert.deepEqual(office.passed, ["a", "b"]);
    on.disk.full = "No space left on device";
    on.disk.release?.();
    await on.clock.advance(ms(1));
    await office.ask("c", JOG);
    assert.deepEqual(office.passed, ["a", "b", "c"]);
  });

  it("are rejected as busy when the scan does not listen", async () => {
    const office = await lifeOn(bench(), "one");
    office.listening = false;
    await office.ask("a", JOG);
    assert.deepEqual(
      office.told.map(({ outcome, reason }) => [outcome, reason]),
      [["rejected", "busy: the scan does not answer"]],
    );
  });
});

/** As it is told: without what is undefined. */
function plain(results: readonly CommandResult[]): unknown {
  return JSON.parse(JSON.stringify(results));
}
