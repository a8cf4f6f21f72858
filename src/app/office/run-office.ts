import type { MessagePort } from "node:worker_threads";
import { type Logger, loggerTo } from "../../kit/logger.ts";
import { systemRandom } from "../../kit/random.ts";
import { systemClock } from "../../kit/system-clock.ts";
import { ms } from "../../kit/time.ts";
import { NOTHING_RECALLED, type PlantEvent, type ToOffice } from "../../link/messages.ts";
import { OfficeEnd, type OfficeReceiver } from "../../link/office-end.ts";
import { watchLimits } from "../../link/scan-watch.ts";
import { Bridge } from "../../mqtt/bridge.ts";
import { BrokerConnection } from "../../mqtt/broker-connection.ts";
import type { CommandOutlet } from "../../mqtt/command-desk.ts";
import { MAX_COMMAND_BYTES } from "../../mqtt/command-payload.ts";
import { topicsUnder } from "../../mqtt/topics.ts";
import { createLog, type Log } from "../logging/create-log.ts";
import { type ControlDoor, openControlDoor } from "./control-door.ts";
import type { OfficeReady } from "./office-ready.ts";
import type { OfficeBrief } from "./office-settings.ts";
import { type OfficeStore, openOfficeStore } from "./office-store.ts";
import { readSecret, readTls } from "./read-secret.ts";
import { killProcess, processorTime, watchScan } from "./watch-scan.ts";

/** For the last publications, for the status `offline`, and for the broker's goodbye: each at most so long. */
const FAREWELL = ms(400);
/** Largest packet a broker may send us: a command with its topic and properties. */
const MAXIMUM_PACKET = MAX_COMMAND_BYTES + 4096;

/**
 * The office: log, MQTT and the watch over the scan, until the scan says that it has stopped or its port closes.
 * `ready` is called when everything is set up. Rejects when the log or a secret cannot be opened.
 */
export async function runOffice(
  brief: OfficeBrief,
  port: MessagePort,
  ready: (ready: OfficeReady) => void,
): Promise<void> {
  const { plant, settings } = brief;
  const log = createLog(settings.log);
  const logger = loggerTo((record) => log.write(record, systemClock.wall()));
  const end = new OfficeEnd((message) => port.postMessage(message));
  const early: PlantEvent[] = [];
  let publish = (event: PlantEvent): void => void early.push(event);
  const kept = await openOfficeStore(brief, {
    outlet: end,
    answer: (result) => bridge.result(result),
    logger,
    tell: (event, fields) => publish({ event, at: systemClock.now(), fields }),
  });
  const { bridge, broker } = connectMqtt(brief, { outlet: kept?.commands ?? end, logger });
  publish = (event) => bridge.event(event);
  for (const event of early) publish(event);
  const control = await openControlDoor(brief, {
    post: (message) => end.access(message),
    logger,
    onShared: ({ line, other }) => {
      const fields = { line, plant: other.plant, pid: other.pid };
      logger.warn("line.shared", fields);
      bridge.event({ event: "line.shared", at: systemClock.now(), fields });
    },
  });
  const limits = watchLimits(plant.scan.period, settings.scan.stallTimeout);
  const watch = watchScan({
    cycles: brief.cycles,
    limits,
    clock: systemClock,
    logger,
    used: processorTime,
    publish: (event, fields = {}) => bridge.event({ event, at: systemClock.now(), fields }),
    kill: () => killProcess(limits.killAfter),
  });
  const orderly = await new Promise<boolean>((resolve) => {
    const receiver = receiverOf({ bridge, control, kept, log, stopped: () => resolve(true) });
    port.on("message", (message: ToOffice) => end.received(message, receiver));
    port.once("close", () => resolve(false));
    ready({ recalled: kept?.recalled ?? NOTHING_RECALLED });
  });
  watch.cancel();
  await control.close();
  await kept?.close();
  await bridge.stop({ deadline: FAREWELL, orderly });
  await broker.close(FAREWELL);
  log.close();
  port.close();
}

interface Mqtt {
  readonly bridge: Bridge;
  readonly broker: BrokerConnection;
}

function connectMqtt(
  { plant, settings, overloads = [], scheduling }: OfficeBrief,
  { outlet, logger }: { readonly outlet: CommandOutlet; readonly logger: Logger },
): Mqtt {
  const { mqtt } = settings;
  const broker: BrokerConnection = new BrokerConnection(
    {
      url: mqtt.url,
      clientId: mqtt.clientId,
      username: mqtt.username,
      password: readSecret(mqtt.passwordFile),
      keepalive: mqtt.keepalive,
      tls: readTls(mqtt.tls),
      will: () => bridge.will(),
      subscriptions: topicsUnder(mqtt.root).requests,
      wantsRetained: false,
      maximumPacket: MAXIMUM_PACKET,
    },
    { clock: systemClock, random: systemRandom },
  );
  const identity = {
    gateway: settings.gateway,
    version: settings.version,
    plant: plant.name,
    scanPeriod: plant.scan.period,
    overloads,
    scheduling,
  };
  const devices = [...plant.devices.values()];
  const { stateInterval, heartbeat, bareTags } = settings.publish;
  const bridge: Bridge = new Bridge(
    { root: mqtt.root, identity, devices, intervals: { stateInterval, heartbeat }, bareTags },
    { broker, outlet, clock: systemClock, logger },
  );
  bridge.start();
  for (const reason of overloads) {
    logger.warn("plan.overloaded", { reason });
    bridge.event({ event: "plan.overloaded", at: systemClock.now(), fields: { reason } });
  }
  broker.open();
  return { bridge, broker };
}

interface Receivers {
  readonly bridge: Bridge;
  readonly control: ControlDoor;
  readonly kept: OfficeStore | undefined;
  readonly log: Log;
  readonly stopped: () => void;
}

function receiverOf({ bridge, control, kept, log, stopped }: Receivers): OfficeReceiver {
  return {
    blocks: (blocks) => bridge.blocks(blocks),
    samples: (batch) => bridge.samples(batch),
    device: (status) => bridge.device(status),
    result: (result) => (kept ? kept.commands.result(result) : bridge.result(result)),
    stats: (stats) => bridge.stats(kept ? { ...stats, store: { ...kept.counters() } } : stats),
    keep: (state) => kept?.keep(state),
    event: (event) => bridge.event(event),
    log: (record) => log.write(record, systemClock.wall()),
    accessed: (access, outcome) => control.accessed(access, outcome),
    traced: (trace, traced) => control.traced(trace, traced),
    stopped,
  };
}
