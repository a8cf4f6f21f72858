import { silentLogger } from "../../../src/kit/logger.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";
import { BrokerConnection } from "../../../src/mqtt/broker/broker-connection.ts";
import { forgottenDeathNumbers } from "../../../src/mqtt/sparkplug/death-number.ts";
import { EdgeNode } from "../../../src/mqtt/sparkplug/edge-node.ts";
import { sparkplugTopics } from "../../../src/mqtt/sparkplug/sparkplug-topics.ts";
import { levelDisk } from "../../../src/store/level-disk.ts";
import { Outbox } from "../../../src/store/outbox.ts";
import { Store } from "../../../src/store/store.ts";
import { deviceOf } from "../plants/plant.ts";
import { tagLike } from "../plants/tag.ts";

const WITHIN = ms(5000);
const NODE = { group: "plant", edgeNode: "line" };

/** A Sparkplug edge node with a device `belt` that counts, on a real broker, with a store on a real disk. */
export async function countingEdgeNode(folder: string, url: string) {
  const clock = systemClock;
  const store = new Store({ folder, kind: levelDisk, clock, tell: () => undefined });
  await store.open(WITHIN);
  const bugs: unknown[] = [];
  const outbox = new Outbox({
    store,
    shelf: "history",
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
      will: () => node.will(),
      willAlways: true,
      connectSent: () => node.connectSent(),
      subscriptions: sparkplugTopics(NODE, undefined).subscriptions([]),
      wantsRetained: true,
      maximumPacket: 65_536,
    },
    { clock, random: () => 0 },
  );
  const node: EdgeNode = new EdgeNode(
    {
      ...NODE,
      primaryHost: undefined,
      hasAlternatives: false,
      identity: { gateway: "gw", version: "1", plant: "p", scanPeriod: ms(20) },
      devices: [deviceOf("belt", [tagLike({ name: "count", type: "uint32" })])],
      commandPrefix: "sp-",
      deathNumbers: forgottenDeathNumbers(() => clock.wall()),
      outbox,
    },
    { broker, outlet: { command: () => true }, clock, logger: silentLogger },
  );
  await node.start();
  node.device({ device: "belt", status: "online", since: clock.now(), reason: undefined });
  broker.open();
  return {
    broker,
    outbox,
    count: (value: number): void => {
      const sample = { tag: 0, value, quality: "good", reason: "ok", sourceTime: clock.now() } as const;
      node.samples({ kind: "samples", cycle: value, samples: [sample], renewed: [] });
    },
    close: async (): Promise<void> => {
      await node.stop(ms(500));
      await broker.close(ms(500));
      await outbox.close();
      await store.close(WITHIN);
      if (bugs.length > 0) throw new Error(String(bugs[0]));
    },
  };
}
