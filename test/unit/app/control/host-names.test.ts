import assert from "node:assert/strict";
import { HostNames, type Lookup } from "../../../../src/app/control/host-names.ts";
import { ms } from "../../../../src/kit/time.ts";
import { VirtualClock } from "../../../../src/kit/virtual-clock.ts";

const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  "plc.local": ["10.0.0.5"],
  cabinet: ["fe80::1", "10.0.0.5"],
  other: ["10.0.0.6"],
};

/** Names that no name server answers for begin with "lost". */
class Bench {
  readonly clock = new VirtualClock();
  readonly warnings: string[] = [];
  readonly asked: string[] = [];
  readonly names: HostNames;

  constructor() {
    const lookup: Lookup = (name) => {
      this.asked.push(name);
      if (name.startsWith("lost")) return new Promise(() => undefined);
      const addresses = ADDRESSES[name];
      return addresses ? Promise.resolve(addresses) : Promise.reject(new Error("ENOTFOUND"));
    };
    this.names = new HostNames({ clock: this.clock, warn: (text) => this.warnings.push(text), lookup });
  }
}

describe("the names of hosts", () => {
  it("are of one machine when they are the same, or share an address", async () => {
    const { names, asked, clock, warnings } = new Bench();
    for (const [one, other, same] of [
      ["PLC.local", "plc.local", true],
      ["plc.local", "cabinet", true],
      ["plc.local", "other", false],
      ["plc.local", "nobody", false],
    ] as const)
      assert.equal(await names.areSame(one, other), same, `${one} and ${other}`);
    assert.deepEqual(asked.toSorted(), ["cabinet", "nobody", "other", "plc.local"], "each is asked for once");
    assert.deepEqual([warnings, clock.pending], [[], []]);
  });

  it("are not waited for longer than three seconds, all together, and each is told that was not resolved by then", async () => {
    const { names, clock, warnings } = new Bench();
    const found: boolean[] = [];
    const search = (async (): Promise<void> => {
      for (const other of ["lost1", "lost2", "cabinet"]) found.push(await names.areSame("plc.local", other));
    })();
    await clock.advance(ms(2999));
    assert.deepEqual(found, []);
    await clock.advance(ms(1));
    await search;
    assert.deepEqual(found, [false, false, true]);
    assert.deepEqual(
      warnings.map((text) => text.replace(/,.*/, "")),
      ["lost1", "lost2"].map((name) => `${name}: no name server said within 3s which address that is`),
    );
    assert.deepEqual(clock.pending, []);
  });
});
