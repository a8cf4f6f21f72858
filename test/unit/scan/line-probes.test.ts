import assert from "node:assert/strict";
import { instant, ms } from "../../../src/kit/time.ts";
import { type Candidate, LineProbes, type Neighbours } from "../../../src/scan/lines/line-probes.ts";

const SERVED: Neighbours = { window: 1, served: true, slot: true };

function away(...units: readonly number[]): readonly Candidate[] {
  return units.map((unit) => ({ unit, due: instant(0), away: true }));
}

/** A probe that begins at `at` and takes so long; the unit that was probed. */
function probe(probes: LineProbes, candidates: readonly Candidate[], at: number, cost: number): number | undefined {
  const unit = probes.next(candidates, instant(at), SERVED);
  if (unit !== undefined) probes.ended(instant(at + cost));
  return unit;
}

describe("the probes of a line", () => {
  it("go round", () => {
    const probes = new LineProbes([1, 2, 3]);
    const order = [0, 10_000, 20_000, 30_000].map((at) => probe(probes, away(1, 2, 3), at, 500));
    assert.deepEqual(order, [1, 2, 3, 1]);
  });

  const gaps: readonly (readonly [string, Neighbours, boolean, number])[] = [
    ["ten times their cost, where no frame has room", { window: 1, served: true, slot: undefined }, true, 5000],
    ["less where the line carries more at once", { window: 4, served: true, slot: undefined }, true, 875],
    ["twice their cost for a unit that is not given up", { window: 1, served: true, slot: undefined }, false, 1000],
    ["nothing for one where the line carries more at once", { window: 4, served: true, slot: false }, false, 0],
    ["nothing where nobody is at the losing end", { window: 1, served: false, slot: false }, true, 0],
  ];
  for (const [name, neighbours, isAway, gap] of gaps) {
    it(`leave a gap of ${name}`, () => {
      const probes = new LineProbes([1]);
      const candidate = { unit: 1, due: instant(0), away: isAway };
      probe(probes, [candidate], 0, 500);
      if (gap > 0) assert.equal(probes.next([candidate], instant(500 + gap - 1), neighbours), undefined);
      assert.equal(probes.next([candidate], instant(500 + gap), neighbours), 1);
    });
  }

  for (const isAway of [true, false]) {
    it(`ask a unit that ${isAway ? "is away" : "is in doubt"} where the table has room alone, while others answer`, () => {
      const probes = new LineProbes([1]);
      const candidates = [{ unit: 1, due: instant(0), away: isAway }];
      assert.equal(probes.next(candidates, instant(90_000), { ...SERVED, slot: false }), undefined);
      assert.equal(probes.next(candidates, instant(90_000), SERVED), 1);
    });
  }

  it("are one at a time", () => {
    const probes = new LineProbes([1, 2]);
    assert.equal(probes.next(away(1, 2), instant(0), SERVED), 1);
    assert.equal(probes.next(away(1, 2), instant(99_000), SERVED), undefined);
  });

  it("come to a unit that is in doubt before those that are given up", () => {
    const probes = new LineProbes([1, 2]);
    assert.equal(probe(probes, [...away(1), { unit: 2, due: instant(0), away: false }], 0, 1), 2);
  });

  it("come first to those that went away together with the one that is back", () => {
    const probes = new LineProbes([1, 2, 3, 4]);
    const sinces = new Map([3, 900, 100, 905].map((since, index) => [index + 1, instant(since)]));
    probes.returned(instant(902), sinces);
    const order = [0, 1000, 2000, 3000].map((at) => probe(probes, away(1, 2, 3, 4), at, 1));
    assert.deepEqual(order, [2, 4, 3, 1]);
  });
});

describe("a line", () => {
  const AFTER = ms(500);

  it("is suspect when two of its units time out and nobody answers meanwhile, until somebody does", () => {
    const probes = new LineProbes([1, 2, 3]);
    probes.timedOut(1, instant(1000), AFTER);
    assert.equal(probes.suspect, false);
    probes.timedOut(1, instant(2000), AFTER);
    assert.equal(probes.suspect, false);
    probes.timedOut(2, instant(2500), AFTER);
    assert.equal(probes.suspect, true);
    assert.equal(probe(probes, away(1, 2, 3), 2500, 1), 3);
    probes.answered(instant(2501));
    assert.equal(probes.suspect, false);
  });

  it("is not suspect where others answer while two wait", () => {
    const probes = new LineProbes([1, 2, 3]);
    probes.answered(instant(700));
    for (const unit of [1, 2]) probes.timedOut(unit, instant(1000), AFTER);
    assert.equal(probes.suspect, false);
  });
});
