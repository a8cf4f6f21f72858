import type { DeviceStatus } from "../device/device-status.ts";
import { BoundedQueue } from "../kit/bounded-queue.ts";
import type { LogRecord } from "../kit/logger.ts";
import type { DeviceAlarms, Kept, PlantEvent, PlantStatistics, ToOffice } from "./messages.ts";

/** Events, and log records, that may wait for credit; the oldest are dropped beyond. */
const QUEUE_LIMIT = 256;

/** What is not a sample and may wait: the newest status and alarms of every device, what is to be kept by its name, the newest statistics, bounded queues. */
export class PendingNotes {
  readonly #devices = new Map<string, DeviceStatus>();
  readonly #events = new BoundedQueue<PlantEvent>({ limit: QUEUE_LIMIT, whenFull: "dropOldest" });
  readonly #logs = new BoundedQueue<LogRecord>({ limit: QUEUE_LIMIT, whenFull: "dropOldest" });
  readonly #kept = new Map<string, Kept>();
  readonly #alarms = new Map<string, DeviceAlarms>();
  #stats: PlantStatistics | undefined;
  #overtaken = 0;

  get dropped(): number {
    return this.#events.dropped + this.#logs.dropped + this.#overtaken;
  }

  device(status: DeviceStatus): void {
    this.#devices.set(status.device, status);
  }

  stats(stats: PlantStatistics): void {
    if (this.#stats) this.#overtaken++;
    this.#stats = stats;
  }

  event(event: PlantEvent): void {
    this.#events.push(event);
  }

  alarms(alarms: DeviceAlarms): void {
    this.#alarms.set(alarms.device, alarms);
  }

  keep(kept: Kept): void {
    this.#kept.set(`${kept.shelf}/${kept.key}`, kept);
  }

  log(record: LogRecord): void {
    this.#logs.push(record);
  }

  /** The next message, most important first; undefined when nothing waits. */
  take(): ToOffice | undefined {
    for (const status of this.#devices.values()) {
      this.#devices.delete(status.device);
      return { kind: "device", status };
    }
    for (const [device, alarms] of this.#alarms) {
      this.#alarms.delete(device);
      return { kind: "alarms", ...alarms };
    }
    for (const [key, kept] of this.#kept) {
      this.#kept.delete(key);
      return { kind: "keep", ...kept };
    }
    const event = this.#events.shift();
    if (event) return { kind: "event", event };
    const record = this.#logs.shift();
    if (record) return { kind: "log", record };
    const stats = this.#stats;
    this.#stats = undefined;
    return stats && { kind: "stats", stats };
  }
}
