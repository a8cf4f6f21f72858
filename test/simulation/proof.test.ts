import assert from "node:assert/strict";
import { ms } from "../../src/kit/time.ts";
import {
  type ProofCase,
  type ProofCases,
  proofCases,
  type ProofReport,
  tryProof,
} from "../support/plant-run/proof-case.ts";
import { share } from "../support/mocha/soak.ts";

const SEEDS = share(100);

const SECONDS = 20;

/** Longer than they take on a busy machine. */
const PATIENCE = 3000 * SEEDS;

async function agree(tried: ProofCase): Promise<ProofReport> {
  const report = await tryProof(tried);
  const again = `npm run sim -- --proof --seed ${tried.seed} --hours ${SECONDS / 3600}`;
  assert.deepEqual(report.broken.slice(0, 5), [], `seed ${tried.seed}, ${report.broken.length} in all; ${again}`);
  return report;
}

describe("generated plants in which every transaction takes what it may at worst", () => {
  let cases: readonly ProofCases[] = [];

  before(() => {
    cases = Array.from({ length: SEEDS }, (_, index) => proofCases(index + 1, ms(SECONDS * 1000)));
  }).timeout(PATIENCE);

  it("never overrun, nor let a value get older or a command take longer than predicted, where they are proved", async () => {
    let [commands, oldest, slowest] = [0, 0, 0];
    for (const { holds } of cases) {
      const report = await agree(holds);
      assert.ok(report.holds && report.transactions > 100, `seed ${holds.seed}: ${report.transactions} transactions`);
      commands += report.commands;
      oldest = Math.max(oldest, report.oldest);
      slowest = Math.max(slowest, report.slowest);
    }
    assert.ok(commands > 50 * SEEDS, `${commands} commands`);
    assert.ok(oldest > 0.99 && slowest > 0.9, `bounds that nothing comes near: ${oldest}, ${slowest}`);
  }).timeout(PATIENCE);

  it("overrun where they are refused", async () => {
    const reports: ProofReport[] = [];
    for (const { refused } of cases) if (refused) reports.push(await agree(refused));
    assert.ok(reports.length > 0.8 * SEEDS && reports.every(({ holds }) => !holds));
    // The bound of a line of several requests at once is for any order and any answer that comes early.
    const loose = reports.flatMap((report) => report.loose);
    assert.ok(loose.length < 0.1 * SEEDS && Math.min(...loose) > 0.4, loose.join(" "));
  }).timeout(PATIENCE);

  it("let no neighbour of a dead device be late where their frames carry one, and notice its return in time", async () => {
    for (const { carries } of cases) await agree(carries);
  }).timeout(PATIENCE);
});
