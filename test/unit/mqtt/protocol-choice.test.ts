import assert from "node:assert/strict";
import { instant } from "../../../src/kit/time.ts";
import { type AttemptEnd, FIRST_CHOICE, nextProtocol } from "../../../src/mqtt/broker/protocol-choice.ts";

type Step = readonly [at: number, end: AttemptEnd, next: 4 | 5];

const refused = (version: 4 | 5): AttemptEnd => ({ kind: "versionRefused", version });
const connected = (version: 4 | 5): AttemptEnd => ({ kind: "connected", version });
const hungUp = (version: 4 | 5): AttemptEnd => ({ kind: "hungUp", version });
const failed: AttemptEnd = { kind: "failed" };

const CASES: readonly [title: string, steps: readonly Step[]][] = [
  [
    "stays with 5 where 5 works",
    [
      [0, connected(5), 5],
      [10, connected(5), 5],
    ],
  ],
  [
    "stays with 5 while nobody answers",
    [
      [0, failed, 5],
      [10, failed, 5],
    ],
  ],
  [
    "goes down when 5 is refused, and remembers it",
    [
      [0, refused(5), 4],
      [10, connected(4), 4],
      [20, failed, 4],
    ],
  ],
  [
    "tries 5 again ten minutes later",
    [
      [0, refused(5), 4],
      [10, connected(4), 4],
      [600_001, connected(4), 5],
    ],
  ],
  [
    "goes back up when 4 is refused",
    [
      [0, refused(5), 4],
      [10, refused(4), 5],
    ],
  ],
  [
    "tries 4 once after a broker that hung up",
    [
      [0, hungUp(5), 4],
      [10, failed, 5],
    ],
  ],
];

describe("the choice of the MQTT version", () => {
  for (const [title, steps] of CASES) {
    it(title, () => {
      let choice = FIRST_CHOICE;
      for (const [at, end, next] of steps) {
        choice = nextProtocol(choice, end, instant(at));
        assert.equal(choice.version, next, `at ${at}`);
      }
    });
  }
});
