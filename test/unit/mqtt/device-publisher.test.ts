import assert from "node:assert/strict";
import { ON_DEMAND } from "../../../src/device/tag.ts";
import { tagTable } from "../../../src/device/tag-table.ts";
import { instant, ms } from "../../../src/kit/time.ts";
import { DevicePublisher } from "../../../src/mqtt/json/device-publisher.ts";
import { PlantPicture } from "../../../src/mqtt/plant-picture.ts";
import { deviceOf } from "../../support/plants/plant.ts";
import { tagLike } from "../../support/plants/tag.ts";

const now = instant(0);
const stamp = { now, wallOffset: ms(0) };

/** `speed` is read in turn, `serial` on demand; neither was read yet. */
function rig() {
  const device = deviceOf("belt", [tagLike({ name: "speed" }), tagLike({ name: "serial", scanClass: ON_DEMAND })]);
  const entries = tagTable([device]);
  const picture = new PlantPicture(entries.length);
  const intervals = { stateInterval: ms(1000), heartbeat: ms(60_000) };
  const publisher = new DevicePublisher(entries, device, { picture, keys: ['"speed":', '"serial":'], intervals });
  const entry = (index: number) => entries[index] ?? assert.fail();
  return { picture, publisher, entry };
}

describe("what is not known yet", () => {
  it("is in the state where it is read in turn, and left out where it is read on demand", () => {
    const { publisher } = rig();
    assert.equal(publisher.takeState(stamp), '{"ts":0,"seq":0,"values":{"speed":null},"bad":{"speed":"neverRead"}}');
  });

  it("is no change to tell", () => {
    const { picture, publisher, entry } = rig();
    publisher.changed(entry(0), now);
    assert.equal(publisher.dataDue, false);
    picture.apply({ tag: 0, value: 1, quality: "good", reason: "ok", sourceTime: now });
    publisher.changed(entry(0), now);
    assert.equal(publisher.takeData(stamp), '{"ts":0,"seq":1,"values":{"speed":1}}');
  });

  it("appears in the state once it was asked for", () => {
    const { picture, publisher, entry } = rig();
    picture.apply({ tag: 1, value: 42, quality: "good", reason: "ok", sourceTime: now });
    publisher.changed(entry(1), now);
    assert.match(publisher.takeState(stamp), /"serial":42/);
  });
});
