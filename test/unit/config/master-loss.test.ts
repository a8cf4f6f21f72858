import assert from "node:assert/strict";
import { masterLoss } from "../../../src/config/plant/master-loss.ts";
import { fixtureText, readFixture } from "../../support/repository/fixture-plants.ts";

/** A device whose profile knows no heartbeat. */
const PLAIN = `plant: plain
lines: { cell: { tcp: { host: 127.0.0.1 } } }
devices: { meter: { profile: good/meter, line: cell, unit: 1 } }
`;

const WATCHDOG = "by the slave's watchdog (heartbeat alive every 500ms, acts after 2s)";
const UNCOVERED = "NOT guaranteed: the watchdog does not cover it";

function fatesOf(): readonly (readonly [string, string, string])[] {
  const plant = readFixture("good-plants", fixtureText("good-plants", "everything.yaml"));
  assert.ok(plant.ok);
  return masterLoss(plant.value)
    .filter(({ device }) => device === "press" || device === "gauge")
    .map(({ device, tag, onStop, onLoss }) => [`${device}.${tag}`, onStop, onLoss]);
}

describe("what happens to outputs without the master", () => {
  it("is said of each: what a stop writes, and whether the slave acts when the master dies", () => {
    assert.deepEqual(fatesOf(), [
      ["press.mode", "off", WATCHDOG],
      ["press.limits", "[0, 0]", UNCOVERED],
      ["press.go", "nothing: a pulse", "nothing: a pulse"],
      ["press.alive", "stops", "stops; the slave notices"],
      ["gauge.mode", "off", WATCHDOG],
      ["gauge.limits", "[0, 0]", UNCOVERED],
      ["gauge.alive", "stops", "stops; the slave notices"],
    ]);
  });

  it("is not guaranteed where the slave has no watchdog", () => {
    const plant = readFixture("broken-plants", PLAIN);
    assert.ok(plant.ok);
    assert.deepEqual(
      masterLoss(plant.value).map(({ tag, onLoss, guaranteed }) => [tag, onLoss, guaranteed]),
      [
        ["setpoint", "NOT guaranteed", false],
        ["relay", "NOT guaranteed", false],
      ],
    );
  });
});
