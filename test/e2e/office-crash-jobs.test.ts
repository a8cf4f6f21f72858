import assert from "node:assert/strict";
import { type Office, startOffice } from "../../src/app/office/start-office.ts";
import { ScanSide } from "../../src/app/scan/scan-side.ts";
import { silentLogger } from "../../src/kit/logger.ts";
import { seededRandom } from "../../src/kit/random.ts";
import { systemClock } from "../../src/kit/system-clock.ts";
import { ms, plus } from "../../src/kit/time.ts";
import { NO_LAST_STRETCH } from "../../src/scan/cycle/pacemaker.ts";
import { ArmSite } from "../support/jobs/arm-site.ts";
import { MqttListener } from "../support/mqtt/mqtt-listener.ts";
import { officeBrief } from "../support/scan/office-brief.ts";
import { SITE_ROOT } from "../support/processes/takt.ts";

const POOL = `${SITE_ROOT}/_pool/pickers`;

describe("a master whose office crashes while arms work", () => {
  let arms: ArmSite;
  let listener: MqttListener;
  let office: Office;
  let scan: ScanSide;

  beforeEach(async () => {
    arms = await ArmSite.start();
    const url = `mqtt://127.0.0.1:${arms.broker.port}`;
    listener = await MqttListener.connect(url, { protocolVersion: 4 });
    office = await startOffice(officeBrief(arms.plant, url, SITE_ROOT, { storeDir: arms.site.path("store") }));
    scan = new ScanSide({
      plant: arms.plant,
      link: office.link,
      clock: systemClock,
      random: seededRandom(1),
      logger: silentLogger,
      lastStretch: NO_LAST_STRETCH,
      readOnly: false,
      statsInterval: ms(500),
      onCycle: () => undefined,
      onBroken: (error) => assert.fail(String(error)),
    });
    scan.start();
  });

  afterEach(async () => {
    await scan.stop({ holdOutputs: true, by: plus(systemClock.now(), ms(1500)) });
    await office.link.stopped();
    await listener.end();
    await arms.dispose();
  });

  const told = async (topic: string, part: string, from = 0): Promise<Record<string, unknown>> => {
    const { text } = await listener.message((heard) => {
      return heard.topic === topic && heard.text.includes(part) && listener.heard.indexOf(heard) >= from;
    }, 30_000);
    return JSON.parse(text) as Record<string, unknown>;
  };

  const order = (box: number): Promise<unknown> =>
    listener.client.publishAsync(`${POOL}/job`, JSON.stringify({ id: `b${box}`, job: "carry", parameters: { box } }), {
      qos: 1,
    });

  it("goes on with them, and the next office stores and tells what the first did not live to", async () => {
    await told(`${SITE_ROOT}/_gw/status`, '"online"');
    await order(1);
    await told(`${POOL}/event`, '"state":"running"');
    const from = listener.heard.length;
    // of a tag that no plant has: a contradiction of ours, which no office survives
    const sample = { tag: 9999, value: 1, quality: "good", reason: "ok", sourceTime: undefined } as const;
    office.link.samples({ cycle: 1, samples: [sample], renewed: [] });
    await told(`${SITE_ROOT}/_gw/status`, '"online"', from);
    assert.equal((await told(`${POOL}/res/b1`, "outcome", from))["outcome"], "done");
    await order(2);
    assert.equal((await told(`${POOL}/res/b2`, "outcome", from))["outcome"], "done");
    const { orders, done, working } = await told(`${POOL}/state`, '"done":2', from);
    assert.deepEqual([orders, done, working], [2, 2, 0]);
    assert.deepEqual(
      arms.entries.map(({ box, ended }) => [box, ended]),
      [
        [1, "done"],
        [2, "done"],
      ],
    );
  });
});
