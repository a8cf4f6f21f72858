import assert from "node:assert/strict";
import fc from "fast-check";
import { seededRandom } from "../../src/kit/random.ts";
import { ms } from "../../src/kit/time.ts";
import { registerOf } from "../support/tcp/hostile-server.ts";
import { below, bytes } from "../support/serial/rtu-frames.ts";
import { RtuRig } from "../support/serial/rtu-line-rig.ts";
import { rtu } from "../support/serial/rtu-oracle.ts";
import { describeOutcome } from "../support/serial/rtu-script.ts";
import { rightFrame } from "../support/serial/rtu-terminal-slave.ts";

/** Longest that a late answer comes after it was asked for, within what a unit is left alone for. */
const LATEST = 250;

describe("a line of RTU frames under random faults", () => {
  it("keeps t3.5, takes no wrong value and settles everything", () =>
    fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const random = seededRandom(seed);
        const rig = new RtuRig();
        await rig.up();
        rig.wire.onFrame = (frame) => {
          const right = rightFrame(frame);
          const say = (what: Buffer, wait: number): void =>
            void rig.clock.after("slave", ms(wait), () => rig.wire.say(what));
          const fault = below(random, 12);
          if (fault === 0) return;
          if (fault === 1) return say(right, 110 + random() * (LATEST - 110));
          if (fault === 2) return say(Buffer.concat([Buffer.from(bytes(random, 1 + below(random, 9))), right]), 4);
          if (fault === 3) return say(Buffer.concat([right, Buffer.from(bytes(random, 1 + below(random, 9)))]), 4);
          if (fault === 4) return say(right.subarray(0, below(random, right.length)), 4);
          if (fault === 5) return say(rtu([200, 3, 2, 0, 1]), 4);
          const cut = below(random, right.length);
          say(right.subarray(0, cut), 3 + random() * 10);
          say(right.subarray(cut), 13 + random() * 10);
        };
        const asked = Array.from({ length: 40 }, (_, index) => {
          const unit = 1 + below(random, 4);
          const address = index * 10;
          return { unit, address, asked: rig.ask({ fc: 3, address, quantity: 1 }, { unit }) };
        });
        await rig.pass(30_000);
        for (const {
          unit,
          address,
          asked: { outcome },
        } of asked) {
          const words = describeOutcome(outcome);
          if (words.startsWith("registers")) assert.equal(words, `registers ${registerOf(unit, address)}`);
          else assert.match(words, /^(timeout|damaged|mismatch)/);
        }
        await rig.line.close();
        assert.deepEqual(rig.wire.violations, []);
      }),
      { numRuns: 25 },
    )).timeout(60_000);
});
