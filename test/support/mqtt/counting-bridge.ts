import { silentLogger } from "../../../src/kit/logger.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";
import { Bridge } from "../../../src/mqtt/json/bridge.ts";
import { BrokerConnection } from "../../../src/mqtt/broker/broker-connection.ts";
import { levelDisk } from "../../../src/store/level-disk.ts";
import { Outbox } from "../../../src/store/outbox.ts";
import { Store } from "../../../src/store/store.ts";
import { deviceOf } from "../plants/plant.ts";
import { tagLike } from "../plants/tag.ts";

const COUNTING_ROOT = "takt/counting";
const WITHIN = ms(5000);

export interface CountingBridge {
  readonly bridge: Bridge;
  readonly broker: BrokerConnection;
  readonly outbox: Outbox;
  /** The tag `count` of the device `belt` has this value. */
  readonly count: (value: number) => void;
  readonly close: () => Promise<void>;
}

/** A bridge to a real broker with a store on a real disk. It connects again without a pause, and replays quickly. */
export async function countingBridge(folder: string, url: string): Promise<CountingBridge> {
  const clock = systemClock;
  const store = new Store({ folder, kind: levelDisk, clock, tell: () => undefined });
  await store.open(WITHIN);
  const bugs: unknown[] = [];
  const outbox = new Outbox({
    store,
    shelf: "outbox",
    clock,
    maxAge: ms(3_600_000),
    pace: ms(0.5),
    onError: (error) => bugs.push(error),
  });
  const broker: BrokerConnection = new BrokerConnection(
    {
      url,
      clientId: `takt-counting-${process.pid}`,
      username: undefined,
      password: undefined,
      keepalive: ms(10_000),
      tls: { ca: undefined, cert: undefined, key: undefined },
      will: () => bridge.will(),
      subscriptions: [`${COUNTING_ROOT}/+/cmd/set`],
      wantsRetained: false,
      maximumPacket: 65_536,
    },
    { clock, random: () => 0 },
  );
  const identity = { gateway: "gw", version: "1", plant: "p", scanPeriod: ms(20) };
  const outlet = { command: () => true, cancel: () => true, service: () => true, acknowledge: () => true };
  const bridge = new Bridge(
    {
      root: COUNTING_ROOT,
      identity,
      devices: [deviceOf("belt", [tagLike({ name: "count", type: "uint32" })])],
      intervals: { stateInterval: ms(1000), heartbeat: ms(60_000) },
      bareTags: false,
    },
    { broker, outlet, outbox, clock, logger: silentLogger },
  );
  bridge.start();
  broker.open();
  return {
    bridge,
    broker,
    outbox,
    count(value) {
      const sample = { tag: 0, value, quality: "good", reason: "ok", sourceTime: clock.now() } as const;
      bridge.samples({ kind: "samples", cycle: value, samples: [sample], renewed: [] });
    },
    async close() {
      await bridge.stop({ deadline: ms(500), orderly: true });
      await broker.close(ms(500));
      await outbox.close();
      await store.close(WITHIN);
      if (bugs.length > 0) throw new Error(String(bugs[0]));
    },
  };
}
