import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { type Random, seededRandom, systemRandom } from "../../src/kit/random.ts";
import { ArmSite } from "../support/jobs/arm-site.ts";
import { MqttListener } from "../support/mqtt/mqtt-listener.ts";
import type { Program } from "../support/processes/program.ts";
import { share } from "../support/mocha/soak.ts";
import { SITE_ROOT } from "../support/processes/takt.ts";

const POOL = `${SITE_ROOT}/_pool/pickers`;
const KILLS = share(4);
const BOXES = share(6);
const ALL = Array.from({ length: BOXES }, (_, index) => index + 1);
/** On a machine that is busy with something else a start takes long; nothing is said here about how long. */
const START = 120_000;
/** Moments that are worth a kill of their own; between them it comes whenever it comes. */
const MOMENTS = ["queued", "assigned", "sent", "running", "done", undefined, undefined] as const;

describe("a master that is killed at any moment", () => {
  let arms: ArmSite;
  let listener: MqttListener;
  let takt: Program | undefined;

  beforeEach(async () => {
    arms = await ArmSite.start();
    listener = await MqttListener.connect(`mqtt://127.0.0.1:${arms.broker.port}`, { protocolVersion: 4 });
  });

  afterEach(async () => {
    await takt?.kill();
    takt = undefined;
    await listener.end();
    await arms.dispose();
  });

  const ask = (box: number): Promise<unknown> =>
    listener.client.publishAsync(`${POOL}/job`, JSON.stringify({ id: `b${box}`, job: "carry", parameters: { box } }), {
      qos: 1,
    });

  /** The jobs of which something was heard that `fits`. */
  const heardOf = (fits: (topic: string, told: Readonly<Record<string, unknown>>) => boolean): ReadonlySet<unknown> =>
    new Set(
      listener.heard.flatMap(({ topic, text }) => {
        if (!topic.startsWith(`${POOL}/`) || topic === `${POOL}/job`) return [];
        const told = JSON.parse(text) as Record<string, unknown>;
        return fits(topic, told) ? [told["id"]] : [];
      }),
    );

  /** What anybody would do: an order that nothing was heard of is given again, under the same id. */
  async function order(known: ReadonlySet<unknown>): Promise<void> {
    for (const box of ALL) if (!known.has(`b${box}`)) await ask(box);
  }

  async function start(): Promise<void> {
    const from = listener.heard.length;
    const master = arms.site.run();
    takt = master;
    const online = listener.message((heard) => {
      if (heard.topic !== `${SITE_ROOT}/_gw/status` || listener.heard.indexOf(heard) < from) return false;
      return heard.text.includes('"online"');
    }, START);
    const ended = master.ended.then(() => assert.fail(`it ended by itself: ${master.err}`));
    ended.catch(() => undefined);
    await Promise.race([online, ended]);
  }

  /** Waits for something worth a kill, or for some time: in the middle of whatever the master does by then. */
  async function untilTheKill(random: Random): Promise<void> {
    const moment = MOMENTS[Math.floor(random() * MOMENTS.length)];
    if (moment === undefined) return pause(random() * 1500);
    const from = listener.heard.length;
    const heard = listener.message((each) => {
      return each.text.includes(`"state":"${moment}"`) && listener.heard.indexOf(each) >= from;
    }, 3000);
    await heard.catch(() => undefined);
  }

  it(`loses no job and does none twice (${BOXES} jobs, ${KILLS} kills)`, async function () {
    this.timeout(2 * START + KILLS * 30_000 + BOXES * 30_000);
    const seed = Math.floor(systemRandom() * 2 ** 31);
    const random = seededRandom(seed);
    for (let kill = 0; kill < KILLS; kill++) {
      await start();
      await order(heardOf((topic) => topic === `${POOL}/event`));
      await untilTheKill(random);
      await takt?.kill();
    }
    assert.ok(arms.entries.length > 0, "the first orders of all were never begun");
    await start();
    await allEnded();
    judge(seed);
    await theTotals();
  });

  /** Whoever asks again hears how it ended, whichever master saw that. */
  async function allEnded(): Promise<void> {
    const isEnd = (topic: string, { outcome }: Readonly<Record<string, unknown>>): boolean =>
      topic.startsWith(`${POOL}/res/`) && outcome === "done";
    for (let asked = 0; asked < 40 * BOXES && heardOf(isEnd).size < BOXES; asked++) {
      await order(heardOf(isEnd));
      await pause(500);
    }
    assert.equal(heardOf(isEnd).size, BOXES, "not every job was told to be done");
  }

  /** The arms know what was done; nobody asks the master. */
  function judge(seed: number): void {
    const accepted = arms.entries.map(({ box }) => box).toSorted((a, b) => a - b);
    assert.deepEqual(accepted, ALL, `seed ${seed}: what the arms accepted`);
    assert.ok(arms.entries.every(({ ended, command }) => ended === "done" && command === "carry"));
  }

  async function theTotals(): Promise<void> {
    const { text } = await listener.message(({ topic, text }) => {
      return topic === `${POOL}/state` && (JSON.parse(text) as { done: number }).done === BOXES;
    }, 30_000);
    const { orders, failed, queued, quarantined } = JSON.parse(text) as Record<string, number>;
    assert.deepEqual([orders, failed, queued, quarantined], [BOXES, 0, 0, 0]);
  }
});
