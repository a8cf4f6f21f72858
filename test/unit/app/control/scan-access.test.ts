import assert from "node:assert/strict";
import type { AccessRequest } from "../../../../src/app/control/control-message.ts";
import { ScanAccess } from "../../../../src/app/control/scan-access.ts";
import { ms } from "../../../../src/kit/time.ts";
import { VirtualClock } from "../../../../src/kit/virtual-clock.ts";
import type { ToScan } from "../../../../src/link/messages.ts";
import { answered } from "../../../support/scan/fake-access.ts";

const REQUEST: AccessRequest = { line: "cell", unit: 1, timeout: ms(300), request: { fc: 17 } };

describe("raw requests on their way to the scan", () => {
  let clock: VirtualClock;
  let sent: (ToScan & { readonly kind: "access" })[];
  let listening: boolean;
  let access: ScanAccess;
  beforeEach(() => {
    clock = new VirtualClock();
    sent = [];
    listening = true;
    access = new ScanAccess({ clock, post: (message) => listening && sent.push(message) > 0 });
  });
  afterEach(() => assert.deepEqual(clock.pending, []));

  it("get the answer that bears their number", async () => {
    const asked = [access.ask(REQUEST), access.ask({ ...REQUEST, unit: 2 })];
    assert.deepEqual(
      sent.map(({ unit, timeout, sendBy }) => [unit, timeout, sendBy - clock.now()]),
      [
        [1, 300, 5000],
        [2, 300, 5000],
      ],
    );
    const [first, second] = [answered({ kind: "bits", bits: [true] }), answered({ kind: "bits", bits: [false] })];
    access.accessed(sent[1]?.access ?? -1, second);
    access.accessed(sent[0]?.access ?? -1, first);
    assert.deepEqual(await Promise.all(asked), [first, second]);
  });

  it("end as a timeout when the scan does not answer, and forget it", async () => {
    const asked = access.ask(REQUEST);
    await clock.advance(ms(5299));
    assert.equal(clock.pending.length, 1);
    await clock.advance(ms(1));
    assert.deepEqual(await asked, { ok: false, failure: { kind: "timeout", after: 5300 } });
    access.accessed(sent[0]?.access ?? -1, answered({ kind: "written" }));
  });

  it("are denied when there are too many, or the scan stands still", async () => {
    const asked = Array.from({ length: 32 }, () => access.ask(REQUEST));
    const denied = await access.ask(REQUEST);
    assert.ok(!denied.ok && denied.failure.kind === "denied");
    access.close();
    for (const outcome of await Promise.all(asked)) {
      assert.deepEqual(outcome, { ok: false, failure: { kind: "lineLost", reason: "the master stops" } });
    }
    listening = false;
    const still = await access.ask(REQUEST);
    assert.ok(!still.ok && still.failure.kind === "denied");
  });
});
