import assert from "node:assert/strict";
import { ScanBench } from "../../support/scan-bench.ts";
import { plantLike } from "../../support/scan-plant.ts";

const BELT = { tags: { speed: { address: 0, scanClass: "fast" }, load: { address: 1, scanClass: "slow" } } };

describe("the scan's values", () => {
  it("are bad before the first read, and good soon after the line is up, slow ones too", async () => {
    const bench = new ScanBench(plantLike({ belt: BELT }));
    bench.unit().set("holding", 0, 7);
    bench.unit().set("holding", 1, 8);
    assert.equal(bench.show("belt/speed"), "null bad neverRead");
    await bench.run("100ms");
    assert.equal(bench.show("belt/speed"), "7 good ok");
    assert.equal(bench.show("belt/load"), "8 good ok");
    assert.equal(bench.status("belt"), "online");
  });
});
