import assert from "node:assert/strict";
import type { Quality, Reason, Value } from "../../../src/device/quality.ts";
import { instant, ms } from "../../../src/kit/time.ts";
import { PlantPicture } from "../../../src/mqtt/plant-picture.ts";
import { samplesPayload } from "../../../src/mqtt/json/samples-payload.ts";

const change = (
  tag: number,
  value: Value | null,
  at: number | undefined,
  quality: Quality = "good",
  reason: Reason = "ok",
) => ({
  tag,
  value,
  quality,
  reason,
  sourceTime: at === undefined ? undefined : instant(at),
});

const keys = ['"a":', '"b":', '"c":'];

/** What is said of all three tags at 5000 ms, wall time being 1,000,000 ms ahead. */
const said = (picture: PlantPicture, tags: readonly number[] = [0, 1, 2]): unknown =>
  JSON.parse(samplesPayload(picture, { tags, keys, seq: 7, wallOffset: ms(1_000_000), now: instant(5000) }));

const pictureOf = (...changes: ReturnType<typeof change>[]): PlantPicture => {
  const picture = new PlantPicture(3);
  for (const each of changes) picture.apply(each);
  return picture;
};

describe("the payload of samples", () => {
  it("is the one of the documentation, keys in the order of the plant", () => {
    const picture = pictureOf(
      change(0, 0.42, 4000.4),
      change(1, null, undefined, "bad", "offline"),
      change(2, 1n, 4018.2),
    );
    const text = samplesPayload(picture, { tags: [0, 1, 2], keys, seq: 412, wallOffset: ms(1e6), now: instant(5000) });
    assert.equal(
      text,
      '{"ts":1004018,"seq":412,"values":{"a":0.42,"b":null,"c":1},"bad":{"b":"offline"},"dt":{"a":-18}}',
    );
  });

  it("says that stale values are old, and since when", () => {
    const picture = pictureOf(change(0, 1, 4000), change(1, 2, 1000, "stale", "old"));
    assert.deepEqual(said(picture, [0, 1]), {
      ts: 1_004_000,
      seq: 7,
      values: { a: 1, b: 2 },
      stale: { b: "old" },
      dt: { b: -3000 },
    });
  });

  it("has the present time where no tag has a value", () => {
    assert.deepEqual(said(pictureOf(change(0, null, 1, "bad", "offline")), [0]), {
      ts: 1_005_000,
      seq: 7,
      values: { a: null },
      bad: { a: "offline" },
    });
  });

  it("shows what was never heard of as never read", () => {
    const bad = { a: "neverRead", b: "neverRead", c: "neverRead" };
    assert.deepEqual(said(new PlantPicture(3)), { ts: 1_005_000, seq: 7, values: { a: null, b: null, c: null }, bad });
  });

  it("never says NaN or infinity: such a value is bad", () => {
    const picture = pictureOf(change(0, NaN, 1), change(1, [1, -Infinity], 1), change(2, 3, 1));
    const { values, bad } = said(picture) as Record<string, unknown>;
    assert.deepEqual(
      [values, bad],
      [
        { a: null, b: null, c: 3 },
        { a: "invalid", b: "invalid" },
      ],
    );
  });

  it("moves source times on with the blocks, and keeps them when blocks are regrouped", () => {
    const picture = pictureOf(change(0, 1, 1000), change(1, 2, 1000), change(2, 3, 1000));
    picture.regroup([[0, 1], [2]]);
    picture.renew({ block: 0, sourceTime: instant(3000) });
    const expected = { ts: 1_003_000, seq: 7, values: { a: 1, b: 2, c: 3 }, dt: { c: -2000 } };
    assert.deepEqual(said(picture), expected);
    picture.regroup([[2], [0], [1]]);
    assert.deepEqual(said(picture), expected);
  });
});
