import assert from "node:assert/strict";
import { BrokerWatch } from "../../../src/app/scan/broker-watch.ts";
import { instant, type Ms, ms } from "../../../src/kit/time.ts";

type Event = readonly [at: number, what: "up" | "down" | "cycle"];

/** When it was said to be lost. */
function lostAt(safeAfter: Ms | undefined, events: readonly Event[]): readonly number[] {
  const lost: number[] = [];
  let now = 0;
  const watch = new BrokerWatch({ safeAfter, lost: () => lost.push(now) });
  for (const [at, what] of events) {
    now = at;
    if (what === "cycle") watch.step(instant(at));
    else watch.heard(what === "up", instant(at));
  }
  return lost;
}

describe("the watch over the broker", () => {
  const rows: readonly (readonly [string, readonly Event[], readonly number[]])[] = [
    [
      "tells a loss once, after its time",
      [
        [0, "up"],
        [10, "down"],
        [1009, "cycle"],
        [1010, "cycle"],
        [9999, "cycle"],
      ],
      [1010],
    ],
    [
      "tells nothing of a short one",
      [
        [0, "up"],
        [10, "down"],
        [500, "up"],
        [9999, "cycle"],
      ],
      [],
    ],
    [
      "counts from the first attempt that failed",
      [
        [0, "up"],
        [10, "down"],
        [900, "down"],
        [1010, "cycle"],
      ],
      [1010],
    ],
    [
      "does not miss a broker that was never there",
      [
        [0, "down"],
        [9999, "cycle"],
      ],
      [],
    ],
    [
      "tells the next one again",
      [
        [0, "up"],
        [1, "down"],
        [2000, "cycle"],
        [2001, "up"],
        [2002, "down"],
        [4000, "cycle"],
      ],
      [2000, 4000],
    ],
  ];
  for (const [what, events, expected] of rows) {
    it(what, () => assert.deepEqual(lostAt(ms(1000), events), expected));
  }

  it("does nothing where nobody asked for it", () => {
    assert.deepEqual(
      lostAt(undefined, [
        [0, "up"],
        [1, "down"],
        [9_999_999, "cycle"],
      ]),
      [],
    );
  });
});
