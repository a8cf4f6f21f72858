import assert from "node:assert/strict";
import { instant, ms } from "../../../src/kit/time.ts";
import { OfficeEnd, type OfficeReceiver } from "../../../src/link/office-end.ts";
import type { ToOffice, ToScan } from "../../../src/link/messages.ts";

const UNHEARD_LIMIT = 256;

const nobody: OfficeReceiver = {
  blocks: () => undefined,
  samples: () => undefined,
  device: () => undefined,
  result: () => undefined,
  stats: () => undefined,
  event: () => undefined,
  log: () => undefined,
  keep: () => undefined,
  alarms: () => undefined,
  jobs: () => undefined,
  jobAnswer: () => undefined,
  accessed: () => undefined,
  traced: () => undefined,
  stopped: () => undefined,
};

const answer = { id: "a", pool: "arms", to: "order", outcome: "done", reason: undefined, replyTo: undefined } as const;

const event: ToOffice = { kind: "event", event: { event: "e", at: instant(0), fields: {} } };

describe("the office's end of the link", () => {
  it("returns a credit for what was worked off, of the kind it was sent on", () => {
    const posted: ToScan[] = [];
    const end = new OfficeEnd((message) => posted.push(message));
    end.received({ kind: "samples", cycle: 1, samples: [], renewed: [] }, nobody);
    end.received({ kind: "blocks", blocks: [] }, nobody);
    end.received(event, nobody);
    end.received({ kind: "jobAnswer", answer }, nobody);
    end.received({ kind: "stopped" }, nobody);
    assert.deepEqual(posted, [
      { kind: "credit", of: "batch" },
      { kind: "credit", of: "batch" },
      { kind: "credit", of: "note" },
      { kind: "credit", of: "answer" },
    ]);
  });

  it("asks no more of a scan that says nothing, until it is heard again, and nothing of one that has stopped", () => {
    let posted = 0;
    const end = new OfficeEnd(() => posted++);
    const command = { id: "a", device: "d", set: [], ttl: ms(1), receivedAt: instant(0), origin: "mqtt" };
    for (let count = 0; count < 1000; count++) end.command(command);
    assert.equal(posted, UNHEARD_LIMIT);
    assert.equal(end.service({ device: "d", enabled: true, origin: "mqtt", sendBy: instant(0) }), false);
    end.received({ kind: "samples", cycle: 1, samples: [], renewed: [] }, nobody);
    assert.equal(end.command(command), true);
    end.received({ kind: "stopped" }, nobody);
    assert.equal(end.command(command), false);
  });
});
