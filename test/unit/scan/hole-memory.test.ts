import assert from "node:assert/strict";
import type { Kept, Recalled } from "../../../src/scan/devices/kept.ts";
import { ScanBench } from "../../support/scan/scan-bench.ts";
import { plantLike } from "../../support/plants/scan-plant.ts";

const plant = (address = 13) =>
  plantLike({
    belt: {
      tags: {
        ...Object.fromEntries(Array.from({ length: 13 }, (_, at) => [`t${at}`, { address: at }])),
        odd: { address },
      },
    },
  });

class KeptBench extends ScanBench {
  readonly kept: Kept[];

  constructor(recalled: Recalled["holes"] = new Map(), address = 13) {
    const kept: Kept[] = [];
    const given = { holes: recalled, retained: new Map(), alarms: new Map() };
    super(plant(address), { recalled: given, keep: (one) => kept.push(one) });
    this.kept = kept;
    this.unit().holes = [{ table: "holding", from: 13, to: 13, code: 2 }];
  }

  /** Requests that touched the hole. */
  get refusals(): number {
    return this.line().received.filter(({ request }) => {
      return "address" in request && "quantity" in request && request.address + request.quantity > 13;
    }).length;
  }
}

describe("registers that a device refuses, over a restart of the master", () => {
  const learned = async (): Promise<ReadonlyMap<string, unknown>> => {
    const bench = new KeptBench();
    await bench.run("3s");
    assert.ok(bench.refusals > 0);
    assert.deepEqual(
      bench.kept.map(({ shelf, key, value }) => [shelf, key, Object.keys(value as object)]),
      [["holes", "belt", ["odd"]]],
    );
    return new Map(bench.kept.map(({ key, value }) => [key, value]));
  };

  it("are kept once, and left out from the first request on", async () => {
    const bench = new KeptBench(await learned());
    assert.equal(bench.show("belt/odd"), "null bad refused");
    await bench.run("1s");
    assert.equal(bench.show("belt/t12"), "0 good ok");
    assert.equal(bench.refusals, 0);
    assert.equal(bench.engine.status("belt")?.reason, "refuses odd");
    assert.deepEqual(bench.kept, []);
  });

  it("are tried again, and forgotten when the device answers them", async () => {
    const bench = new KeptBench(await learned());
    bench.unit().holes = [];
    await bench.run("20s");
    assert.equal(bench.show("belt/odd"), "0 good ok");
    assert.deepEqual(bench.kept, [{ shelf: "holes", key: "belt", value: undefined }]);
  });

  it("are nothing to a profile that reads them elsewhere, nor is what another takt left", async () => {
    for (const recalled of [await learned(), new Map([["belt", { odd: "holding 14" }]]), new Map([["belt", 7]])]) {
      const bench = new KeptBench(recalled, 14);
      await bench.run("1s");
      assert.equal(bench.show("belt/odd"), "0 good ok");
    }
  });
});
