import assert from "node:assert/strict";
import {
  type Action,
  type CommandRun,
  newRun,
  nextCommandRun,
  type RunEvent,
  type RunRules,
} from "../../../src/command/command-run.ts";
import { type Instant, instant, ms } from "../../../src/kit/time.ts";

const WRITE: Action = { kind: "write" };
const EXPECT: Action = { kind: "expect", wanted: "running is true", within: ms(2000) };
const PAUSE: Action = { kind: "wait", span: ms(200) };

type Event = readonly [at: number, what: string];

/** `verified`, `acknowledged`, … end the present write; `there` and `not there` answer an expectation. */
function eventOf([at, what]: Event): RunEvent {
  const now: Instant = instant(at);
  switch (what) {
    case "tick":
      return { kind: "tick", at: now };
    case "there":
      return { kind: "looked", at: now, fault: undefined };
    case "not there":
      return { kind: "looked", at: now, fault: { reason: "running is false", known: true } };
    case "not known":
      return { kind: "looked", at: now, fault: { reason: "running is not known (offline)", known: false } };
    case "cancelled":
      return { kind: "ended", at: now, reason: "cancelled by mqtt", takenOver: false };
    case "taken over":
      return { kind: "ended", at: now, reason: 'stop ("b") took over', takenOver: true };
    case "verified":
    case "acknowledged":
    case "refused":
    case "failed":
    case "unknown":
    case "rejected":
    case "expired": {
      const good = what === "verified" || what === "acknowledged";
      const reached = what !== "rejected" && what !== "expired";
      return { kind: "written", at: now, outcome: what, reason: good ? undefined : `run: ${what}`, reached };
    }
    default:
      return assert.fail(`no event ${what}`);
  }
}

function runOf(steps: readonly Action[], otherwise: readonly Action[], events: readonly Event[]): CommandRun {
  const rules = { steps: { actions: steps, limit: ms(10_000) }, otherwise: { actions: otherwise, limit: ms(5000) } };
  return events.reduce((run, event) => nextCommandRun(run, eventOf(event), rules), newRun(instant(0), rules));
}

function show(run: CommandRun): string {
  if (run.state === "running") return `${run.phase} ${run.at}${run.ending ? ", ending" : ""}`;
  return run.reason === undefined ? run.outcome : `${run.outcome}: ${run.reason}`;
}

const START = [WRITE, EXPECT];
const MISSED = "running is true: not seen within 2s; running is false";

const rows: readonly (readonly [string, readonly Action[], readonly Action[], readonly Event[], string])[] = [
  ["writes", [WRITE], [], [[10, "verified"]], "verified"],
  ["whose write is only confirmed", [WRITE], [], [[10, "acknowledged"]], "acknowledged"],
  [
    "whose confirmed write shows its effect",
    START,
    [],
    [
      [10, "acknowledged"],
      [50, "there"],
    ],
    "verified",
  ],
  [
    "that waits for the effect",
    START,
    [],
    [
      [10, "verified"],
      [50, "not there"],
    ],
    "steps 1",
  ],
  [
    "whose effect is not seen",
    START,
    [],
    [
      [10, "verified"],
      [2010, "not there"],
    ],
    `failed: ${MISSED}`,
  ],
  [
    "whose effect nobody can see",
    START,
    [],
    [
      [10, "verified"],
      [2010, "not known"],
    ],
    "unknown: running is true: not seen within 2s; running is not known (offline)",
  ],
  [
    "that does something otherwise",
    START,
    [WRITE],
    [
      [10, "verified"],
      [2010, "not there"],
    ],
    "otherwise 0",
  ],
  [
    "that did it",
    START,
    [WRITE],
    [
      [10, "verified"],
      [2010, "not there"],
      [2050, "verified"],
    ],
    `failed: ${MISSED}`,
  ],
  [
    "that could not do it",
    START,
    [WRITE, WRITE],
    [
      [10, "verified"],
      [2010, "not there"],
      [2050, "unknown"],
      [2090, "verified"],
    ],
    `unknown: ${MISSED}; then otherwise: run: unknown`,
  ],
  ["of which nothing was sent", START, [WRITE], [[10, "rejected"]], "rejected: run: rejected"],
  ["that came too late", START, [WRITE], [[10, "expired"]], "expired: run: expired"],
  [
    "of which the second write was rejected",
    [WRITE, WRITE],
    [],
    [
      [10, "verified"],
      [20, "rejected"],
    ],
    "failed: run: rejected",
  ],
  [
    "that its slave refuses",
    [WRITE],
    [WRITE],
    [
      [10, "refused"],
      [20, "verified"],
    ],
    "refused: run: refused",
  ],
  [
    "with a write nobody knows of",
    [WRITE, WRITE],
    [WRITE],
    [
      [10, "unknown"],
      [20, "verified"],
    ],
    "unknown: run: unknown",
  ],
  ["that pauses", [PAUSE, WRITE], [], [[199, "tick"]], "steps 0"],
  ["that has paused", [PAUSE, WRITE], [], [[200, "tick"]], "steps 1"],
  ["cancelled before anything was sent", [PAUSE, WRITE], [WRITE], [[50, "cancelled"]], "rejected: cancelled by mqtt"],
  ["cancelled while it writes", [WRITE, WRITE], [], [[5, "cancelled"]], "steps 0, ending"],
  [
    "cancelled while it writes, which went well",
    [WRITE, WRITE],
    [],
    [
      [5, "cancelled"],
      [10, "verified"],
    ],
    "failed: cancelled by mqtt",
  ],
  [
    "cancelled while it writes nobody knows what",
    [WRITE],
    [WRITE],
    [
      [5, "cancelled"],
      [10, "unknown"],
      [20, "verified"],
    ],
    "unknown: cancelled by mqtt; run: unknown",
  ],
  [
    "cancelled while it waits",
    START,
    [WRITE],
    [
      [10, "verified"],
      [20, "cancelled"],
    ],
    "otherwise 0",
  ],
  [
    "cancelled again while it does what it does otherwise",
    START,
    [WRITE],
    [
      [10, "verified"],
      [20, "cancelled"],
      [25, "cancelled"],
    ],
    "otherwise 0",
  ],
  [
    "that a stop took over: nothing more is written",
    START,
    [WRITE],
    [
      [10, "verified"],
      [20, "taken over"],
    ],
    'failed: stop ("b") took over',
  ],
  [
    "that a stop took over on its way out",
    START,
    [WRITE],
    [
      [10, "verified"],
      [20, "cancelled"],
      [25, "taken over"],
      [30, "verified"],
    ],
    'failed: cancelled by mqtt; then otherwise: stop ("b") took over',
  ],
  [
    "that hangs in a write",
    [WRITE],
    [],
    [
      [10_001, "tick"],
      [10_020, "verified"],
    ],
    "failed: not done within 10s",
  ],
  [
    "that hangs in its otherwise",
    START,
    [WRITE],
    [
      [10, "refused"],
      [20, "tick"],
      [5011, "tick"],
      [5020, "failed"],
    ],
    "failed: run: refused; then otherwise: not done within 5s",
  ],
];

describe("the run of a command", () => {
  for (const [what, steps, otherwise, events, expected] of rows) {
    it(`${what}: ${expected}`, () => assert.equal(show(runOf(steps, otherwise, events)), expected));
  }

  it("that is done stays done", () => {
    const done = runOf([WRITE], [], [[10, "verified"]]);
    for (const what of ["tick", "cancelled", "taken over", "unknown", "not there"]) {
      const rules: RunRules = { steps: { actions: [WRITE], limit: ms(1) }, otherwise: { actions: [], limit: ms(1) } };
      assert.equal(nextCommandRun(done, eventOf([99, what]), rules), done);
    }
  });
});
