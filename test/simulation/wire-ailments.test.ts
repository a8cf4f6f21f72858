import assert from "node:assert/strict";
import { ms } from "../../src/kit/time.ts";
import { WireBench } from "../support/serial/wire-bench.ts";

const UNITS = [1, 2, 3, 4];

async function withBench(units: readonly number[], body: (bench: WireBench) => Promise<void>): Promise<void> {
  const bench = new WireBench({ units });
  await body(bench);
  await bench.close();
  assert.deepEqual(bench.clock.pending, []);
}

/** The event was logged as a warning and told, with a hint. */
function assertNamed(bench: WireBench, name: string, hint: RegExp): void {
  const told = bench.events.find(({ event }) => event === name);
  assert.match(String(told?.fields["hint"]), hint);
  assert.ok(
    bench.logs.some(({ event, level }) => event === name && level === "warn"),
    `${name} in the log`,
  );
}

function allOnline(bench: WireBench, units: readonly number[] = UNITS): void {
  assert.deepEqual(
    units.map((unit) => bench.status(unit)),
    units.map(() => "online"),
  );
}

describe("what ails a wire is named, and over without a restart", () => {
  for (const asks of ["registers", "identity"] as const) {
    it(`another master that asks for ${asks}`, () =>
      withBench(UNITS, async (bench) => {
        await bench.run(ms(5000));
        await bench.suffer({ kind: "secondMaster", every: ms(400), asks }, ms(30_000));
        assertNamed(bench, "line.foreignTraffic", /another master/);
        assert.equal(bench.told().filter((event) => event === "line.foreignTraffic").length, 1);
        assert.ok(bench.told().includes("line.down"), "it stops transmitting");
        await bench.run(ms(70_000));
        assert.equal(bench.told().at(-1), "line.foreignTrafficOver");
        allOnline(bench);
      }));
  }

  it("two slaves with one number", () =>
    withBench(UNITS, async (bench) => {
      await bench.run(ms(10_000));
      await bench.suffer({ kind: "duplicate", unit: 3 }, ms(20_000));
      assertNamed(bench, "unit.duplicateSuspected", /two slaves/);
      assert.deepEqual(bench.told(), ["unit.duplicateSuspected"]);
      assert.equal(bench.events.find(({ event }) => event === "unit.duplicateSuspected")?.fields["unit"], 3);
      await bench.run(ms(60_000));
      assert.deepEqual(bench.told(), ["unit.duplicateSuspected", "unit.duplicateCleared"]);
      allOnline(bench);
    }));

  it("an adapter that echoes although nobody said so", () =>
    withBench(UNITS, async (bench) => {
      await bench.run(ms(5000));
      await bench.suffer({ kind: "echo" }, ms(10_000));
      assertNamed(bench, "line.echo", /localEcho: true/);
      allOnline(bench);
      await bench.run(ms(10_000));
      assert.deepEqual(bench.told(), ["line.echo", "line.echoOver"]);
    }));

  it("a single unit at another baud rate, which sends garbage", () =>
    withBench([7], async (bench) => {
      await bench.suffer({ kind: "wrongBaudRate", unit: 7 }, ms(30_000));
      assertNamed(bench, "line.garbled", /baud rate/);
      await bench.run(ms(40_000));
      assert.deepEqual(bench.told(), ["line.garbled", "line.understood"]);
      allOnline(bench, [7]);
    }));

  it("a single unit that does not understand a word, as at another baud rate", () =>
    withBench([7], async (bench) => {
      await bench.suffer({ kind: "lost", unit: 7 }, ms(30_000));
      assertNamed(bench, "line.silent", /baud rate/);
      await bench.run(ms(60_000));
      const told = bench.told().filter((event) => event !== "line.down" && event !== "line.up");
      assert.deepEqual(told, ["line.silent", "line.understood"]);
      allOnline(bench, [7]);
    }));

  it("not a single unit that was understood and is away", () =>
    withBench([7], async (bench) => {
      await bench.run(ms(5000));
      await bench.suffer({ kind: "lost", unit: 7 }, ms(20_000));
      assert.deepEqual(bench.told(), []);
      assert.equal(bench.status(7), "offline");
    }));
});
