import type { OutboxSettings } from "../../config/settings/settings.ts";
import { errorStack } from "../../kit/error-message.ts";
import type { Logger } from "../../kit/logger.ts";
import { systemRandom } from "../../kit/random.ts";
import { systemClock } from "../../kit/system-clock.ts";
import type { Ms } from "../../kit/time.ts";
import { Bridge } from "../../mqtt/json/bridge.ts";
import { BrokerConnection } from "../../mqtt/broker/broker-connection.ts";
import type { BrokerOptions } from "../../mqtt/broker/client-options.ts";
import type { CommandOutlet } from "../../mqtt/json/command-desk.ts";
import { MAX_COMMAND_BYTES } from "../../mqtt/json/command-payload.ts";
import type { GatewayIdentity } from "../../mqtt/gateway-payload.ts";
import { Discovery } from "../../mqtt/home-assistant/discovery.ts";
import { FORGOTTEN_TOPICS, storedTopics } from "../../mqtt/home-assistant/told-topics.ts";
import type { JobOutlet } from "../../mqtt/json/job-desk.ts";
import { type PlantOutputs, plantOutputs } from "./plant-outputs.ts";
import { forgottenDeathNumbers, storedDeathNumbers } from "../../mqtt/sparkplug/death-number.ts";
import { EdgeNode } from "../../mqtt/sparkplug/edge-node.ts";
import { isWritable } from "../../mqtt/sparkplug/metric-table.ts";
import { sparkplugTopics } from "../../mqtt/sparkplug/sparkplug-topics.ts";
import { topicsUnder } from "../../mqtt/topics.ts";
import { Outbox, type OutboxOptions } from "../../store/outbox.ts";
import type { Store } from "../../store/store.ts";
import type { OfficeBrief } from "./office-settings.ts";
import { readSecret, readTls } from "./read-secret.ts";

/** Largest packet a broker may send us: a command with its topic and properties. */
const MAXIMUM_PACKET = MAX_COMMAND_BYTES + 4096;

export interface MqttOptions {
  readonly outlet: CommandOutlet;
  readonly jobs: JobOutlet;
  readonly logger: Logger;
  /** Told whenever the broker comes and goes by which the plant is commanded. */
  readonly onBroker: (up: boolean) => void;
  /** Undefined: nothing outlives the master. */
  readonly store: Store | undefined;
}

export interface Mqtt {
  readonly outputs: PlantOutputs;
  close(deadline: Ms): Promise<void>;
}

/** Connects the JSON topics and the Sparkplug edge node, as the settings want them: each has a connection and a will of its own. */
export async function connectMqtt(brief: OfficeBrief, options: MqttOptions): Promise<Mqtt> {
  const { sparkplug } = brief.settings.mqtt;
  const json = sparkplug?.only === true ? undefined : await connectBridge(brief, options);
  const edge = sparkplug && (await connectEdgeNode(brief, sparkplug, options));
  (json ?? edge)?.broker.changes.on(({ state }) => options.onBroker(state === "up"));
  return {
    outputs: plantOutputs(json?.bridge, edge?.node),
    async close(deadline) {
      await Promise.all([json?.broker.close(deadline), edge?.broker.close(deadline)]);
      await Promise.all([json?.outbox?.close(), edge?.outbox?.close()]);
    },
  };
}

async function connectBridge(brief: OfficeBrief, options: MqttOptions) {
  const { mqtt, publish, roles } = brief.settings;
  const { byTopic: byRole } = roles;
  const { outlet, jobs, logger } = options;
  const outbox = mqtt.outbox && outboxOf("outbox", mqtt.outbox, options);
  const discovery = await discoveryOf(brief, options);
  const broker: BrokerConnection = connection({
    ...brokerOptions(brief),
    will: () => bridge.will(),
    subscriptions: topicsUnder(mqtt.root, { byRole }).requests,
    wantsRetained: false,
  });
  const { stateInterval, heartbeat, bareTags } = publish;
  const bridge: Bridge = new Bridge(
    {
      root: mqtt.root,
      answersUnder: mqtt.answersUnder,
      byRole,
      ...plantOf(brief),
      intervals: { stateInterval, heartbeat },
      bareTags,
    },
    { broker, outlet, jobs, outbox, discovery, clock: systemClock, logger },
  );
  bridge.start();
  broker.open();
  return { bridge, broker, outbox };
}

/** Also where Home Assistant is told nothing any more: what it was told is taken back. */
function discoveryOf(brief: OfficeBrief, { store, logger }: MqttOptions): Promise<Discovery> {
  const { root, homeAssistant } = brief.settings.mqtt;
  const { identity, devices } = plantOf(brief);
  const unkept = (reason: string): void => logger.warn("homeAssistant.unkept", { reason });
  const { prefix = "", told = [] } = homeAssistant ? { ...homeAssistant, told: devices } : {};
  return Discovery.open(
    { prefix, identity, topics: topicsUnder(root), devices: told },
    store ? storedTopics(store, unkept) : FORGOTTEN_TOPICS,
  );
}

function outboxOf(shelf: OutboxOptions["shelf"], settings: OutboxSettings, { store, logger }: MqttOptions): Outbox {
  const onError = (error: unknown): void => logger.error("office.bug", { reason: errorStack(error) });
  return new Outbox({ store, shelf, ...settings, clock: systemClock, onError });
}

type SparkplugSettings = NonNullable<OfficeBrief["settings"]["mqtt"]["sparkplug"]>;

async function connectEdgeNode(
  brief: OfficeBrief,
  { group, edgeNode, primaryHost, servers }: SparkplugSettings,
  options: MqttOptions,
) {
  const { outlet, logger, store } = options;
  const keep = brief.settings.mqtt.outbox;
  const outbox = keep && outboxOf("history", keep, options);
  const unkept = (reason: string): void => logger.warn("sparkplug.bdSeqUnkept", { reason });
  const writable = [...brief.plant.devices.values()].filter(isWritable).map(({ name }) => name);
  const [url = brief.settings.mqtt.url, ...alternatives] = servers;
  const broker: BrokerConnection = connection({
    ...brokerOptions(brief),
    url,
    alternatives,
    clientId: `${brief.settings.mqtt.clientId}-sparkplug`,
    will: () => node.will(),
    willAlways: true,
    connectSent: () => node.connectSent(),
    subscriptions: sparkplugTopics({ group, edgeNode }, primaryHost).subscriptions(writable),
    wantsRetained: true,
  });
  const node: EdgeNode = new EdgeNode(
    {
      group,
      edgeNode,
      primaryHost,
      hasAlternatives: alternatives.length > 0,
      ...plantOf(brief),
      outbox,
      commandPrefix: `sp-${unique()}-`,
      deathNumbers: store
        ? storedDeathNumbers(store, `${group}/${edgeNode}`, unkept)
        : forgottenDeathNumbers(() => systemClock.wall()),
    },
    { broker, outlet, clock: systemClock, logger },
  );
  await node.start();
  broker.open();
  return { node, broker, outbox };
}

/** An office that crashed has given out ids, too, so they do not begin anew with the office. */
function unique(): string {
  return Math.floor(systemRandom() * 2 ** 48).toString(36);
}

function connection(options: BrokerOptions): BrokerConnection {
  return new BrokerConnection(options, { clock: systemClock, random: systemRandom });
}

function brokerOptions({ settings: { mqtt } }: OfficeBrief) {
  return {
    url: mqtt.url,
    clientId: mqtt.clientId,
    username: mqtt.username,
    password: readSecret(mqtt.passwordFile),
    keepalive: mqtt.keepalive,
    tls: readTls(mqtt.tls),
    maximumPacket: MAXIMUM_PACKET,
  };
}

function plantOf({ plant, settings, overloads = [], scheduling }: OfficeBrief) {
  const identity: GatewayIdentity = {
    gateway: settings.gateway,
    version: settings.version,
    plant: plant.name,
    scanPeriod: plant.scan.period,
    overloads,
    scheduling,
  };
  return { identity, devices: [...plant.devices.values()], pools: plant.pools };
}
