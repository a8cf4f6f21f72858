import type { MessagePort } from "node:worker_threads";
import { loggerTo } from "../../kit/logger.ts";
import { systemClock } from "../../kit/system-clock.ts";
import { ms } from "../../kit/time.ts";
import { NOTHING_RECALLED, type PlantEvent, type ToOffice } from "../../link/messages.ts";
import { OfficeEnd, type OfficeReceiver } from "../../link/office-end.ts";
import { watchLimits } from "../../link/scan-watch.ts";
import type { PlantOutputs } from "./plant-outputs.ts";
import { createLog, type Log } from "../logging/create-log.ts";
import { connectMqtt } from "./connect-mqtt.ts";
import { type ControlDoor, openControlDoor } from "./control-door.ts";
import type { OfficeReady } from "./office-ready.ts";
import { type JobKeeper, jobKeeper } from "./job-keeper.ts";
import type { OfficeBrief } from "./office-settings.ts";
import { type OfficeStore, openOfficeStore } from "./office-store.ts";
import { killProcess, processorTime, watchScan } from "./watch-scan.ts";

/** For the last publications, for the status `offline`, and for the broker's goodbye: each at most so long. */
const FAREWELL = ms(400);

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
  let publish = (event: PlantEvent): void => {
    early.push(event);
  };
  const kept = await openOfficeStore(brief, {
    outlet: end,
    answer(result) {
      if (!control.result(result)) outputs.result(result);
    },
    logger,
    tell: (event, fields) => publish({ event, at: systemClock.now(), fields }),
  });
  const mqtt = await connectMqtt(brief, {
    outlet: kept?.commands ?? end,
    jobs: end,
    logger,
    onBroker: (up) => end.broker(up),
    store: kept?.store,
  });
  const { outputs } = mqtt;
  publish = (event) => outputs.event(event);
  for (const event of early) publish(event);
  for (const reason of brief.overloads ?? []) {
    logger.warn("plan.overloaded", { reason });
    outputs.event({ event: "plan.overloaded", at: systemClock.now(), fields: { reason } });
  }
  const jobs = jobKeeper({ end, outputs, store: kept?.store, logger });
  const control = await openControlDoor(brief, {
    post: (message) => end.access(message),
    command: (command) => (kept?.commands ?? end).command(command),
    logger,
    onShared: ({ line, other }) => {
      const fields = { line, plant: other.plant, pid: other.pid };
      logger.warn("line.shared", fields);
      outputs.event({ event: "line.shared", at: systemClock.now(), fields });
    },
  });
  const limits = watchLimits(plant.scan.period, settings.scan.stallTimeout);
  const watch = watchScan({
    cycles: brief.cycles,
    limits,
    clock: systemClock,
    logger,
    used: processorTime,
    publish: (event, fields = {}) => outputs.event({ event, at: systemClock.now(), fields }),
    kill: () => killProcess(limits.killAfter),
  });
  const orderly = await new Promise<boolean>((resolve) => {
    const receiver = receiverOf({ outputs, control, jobs, kept, log, stopped: () => resolve(true) });
    port.on("message", (message: ToOffice) => end.received(message, receiver));
    port.once("close", () => resolve(false));
    ready({ recalled: kept?.recalled ?? NOTHING_RECALLED });
    jobs.begin();
  });
  watch.cancel();
  await control.close();
  await jobs.settled();
  await kept?.settled();
  await outputs.stop({ deadline: FAREWELL, orderly });
  await mqtt.close(FAREWELL);
  await jobs.close();
  await kept?.close();
  log.close();
  port.close();
}

interface Receivers {
  readonly outputs: PlantOutputs;
  readonly control: ControlDoor;
  readonly jobs: JobKeeper;
  readonly kept: OfficeStore | undefined;
  readonly log: Log;
  readonly stopped: () => void;
}

function receiverOf({ outputs, control, jobs, kept, log, stopped }: Receivers): OfficeReceiver {
  return {
    blocks: (blocks) => outputs.blocks(blocks),
    samples: (batch) => outputs.samples(batch),
    device: (status) => outputs.device(status),
    result(result) {
      if (kept) kept.commands.result(result);
      else if (!control.result(result)) outputs.result(result);
    },
    stats: (stats) => outputs.stats(kept ? { ...stats, store: { ...kept.counters() } } : stats),
    keep: (state) => kept?.keep(state),
    alarms: (alarms) => outputs.alarms(alarms),
    jobs: (append, changes) => jobs.append(append, changes),
    jobAnswer: (answer) => outputs.jobAnswer(answer),
    event: (event) => outputs.event(event),
    log: (record) => log.write(record, systemClock.wall()),
    accessed: (access, outcome) => control.accessed(access, outcome),
    traced: (trace, traced) => control.traced(trace, traced),
    stopped,
  };
}
