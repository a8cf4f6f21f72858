import assert from "node:assert/strict";
import { ms } from "../../src/kit/time.ts";
import { keepShrunk } from "../support/plant-run/corpus.ts";
import { simulateAll } from "../support/plant-run/simulate-all.ts";
import { type SimulatedCase, simulatePlant } from "../support/plant-run/simulate-plant.ts";
import { TROUBLES } from "../support/plant-run/trouble.ts";
import { share, soakHours } from "../support/mocha/soak.ts";

const SEEDS = share(100);
const HOURS = soakHours(0.5);

/** For each seed and hour: longer than it takes on one busy processor, and to make one that fails smaller. */
const PATIENCE = 20_000;

interface Failure {
  readonly life: SimulatedCase;
  readonly broken: readonly string[];
  readonly hash: string;
}

/** Kept where the tests play it again. */
async function shownShrunk({ life, broken, hash }: Failure): Promise<string> {
  const kept = await keepShrunk({ found: broken[0] ?? "", life });
  return `seed ${life.seed}, trace ${hash}: ${broken.slice(0, 5).join("; ")}; kept in ${kept}`;
}

describe("generated plants of every kind of line, with every fault of the catalogue", () => {
  it("give no wrong good value, no write without a permit, no pulse twice, and one outcome for every command", async () => {
    const lives = Array.from({ length: SEEDS }, (_, index): SimulatedCase => {
      return { seed: index + 1, span: ms(HOURS * 3_600_000), troubles: TROUBLES };
    });
    let judged = 0;
    const failures: Failure[] = [];
    await simulateAll(lives, (life, report) => {
      judged += report.judged;
      if (report.broken.length > 0) failures.push({ life, ...report });
    });
    const [first] = failures;
    const also = failures.map(({ life }) => life.seed).join(", ");
    assert.equal(
      first && (await shownShrunk(first)),
      undefined,
      `seeds ${also}; npm run sim -- --hours ${HOURS} --seed …`,
    );
    assert.ok(judged > 60_000 * HOURS * SEEDS, `${judged} values`);
  }).timeout(60_000 + PATIENCE * SEEDS * HOURS);

  it("go the same way for the same seed", async () => {
    const [one, other] = await Promise.all([1, 1].map((seed) => simulatePlant({ seed, span: ms(60_000) })));
    assert.equal(one?.hash, other?.hash);
  });
});
