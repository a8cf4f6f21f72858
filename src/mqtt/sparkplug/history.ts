import type { Quality, Value } from "../../device/quality.ts";
import type { Outbox, OutboxEntry } from "../../store/outbox.ts";
import type { DeclaredSample } from "./encode-payload.ts";
import { COMMAND_METRICS, type MetricTable } from "./metric-table.ts";

/** Samples of one device as they wait in the outbox: by name, for the aliases of another life may be others. */
interface StoredSamples {
  readonly device: string;
  readonly samples: readonly StoredSample[];
}

type StoredSample = readonly [name: string, value: Value | null, quality: Quality, timestamp: number];

/** Of devices that are not born so many messages are set aside; with more, those behind them wait too. */
const MOST_ASIDE = 2000;

/**
 * What hosts have not been told for certain. Data go out at QoS 0, as the specification wants, so the broker does not
 * acknowledge them: they count as told when it answers a ping that was sent after them.
 */
export class History {
  readonly #outbox: Outbox;
  readonly #table: MetricTable;
  /** Of devices that are not born, oldest first. */
  readonly #aside = new Map<string, OutboxEntry[]>();
  #asideCount = 0;
  #next: OutboxEntry | undefined;
  #unconfirmed: OutboxEntry[] = [];

  constructor(outbox: Outbox, table: MetricTable) {
    this.#outbox = outbox;
    this.#table = table;
  }

  connected(): void {
    this.#outbox.connected();
  }

  disconnected(): void {
    this.#aside.clear();
    this.#asideCount = 0;
    this.#next = undefined;
    this.#unconfirmed = [];
    this.#outbox.disconnected();
  }

  /** These are on their way to the hosts. */
  told(device: string, samples: readonly DeclaredSample[]): void {
    const stored = storable(samples);
    if (stored.length > 0) this.#unconfirmed.push(this.#outbox.live({ device, samples: stored }));
  }

  /** Nobody could be told these. */
  missed(device: string, samples: readonly DeclaredSample[]): void {
    const stored = storable(samples);
    if (stored.length > 0) this.#outbox.keep({ device, samples: stored });
  }

  /** Whose stored samples are the next to be told, of the devices that are `born`. */
  due(born: ReadonlySet<string>): string | undefined {
    const device = this.#next && storedOf(this.#next).device;
    if (device !== undefined && born.has(device)) return device;
    if (this.#next) this.#setAside(this.#next);
    this.#next = born.size > 0 ? (this.#fromAside(born) ?? this.#fromOutbox(born)) : undefined;
    return this.#next && storedOf(this.#next).device;
  }

  /** The samples of the device last said to be due; they are on their way from now on. */
  take(): readonly DeclaredSample[] {
    const entry = this.#next;
    this.#next = undefined;
    if (!entry) return [];
    this.#unconfirmed.push(entry);
    const { device, samples } = storedOf(entry);
    const declared = new Map(this.#table.devices.get(device)?.map((each) => [each.name, each]));
    return samples.flatMap(([name, value, quality, timestamp]) => {
      const declaration = declared.get(name);
      if (!declaration) return [];
      const { alias, datatype } = declaration;
      return [{ name, alias, datatype, value, quality, timestamp }];
    });
  }

  /** How much is on its way. */
  get unconfirmed(): number {
    return this.#unconfirmed.length;
  }

  /** Everything on its way; whoever takes it says when it has arrived. */
  takeUnconfirmed(): readonly OutboxEntry[] {
    const unconfirmed = this.#unconfirmed;
    this.#unconfirmed = [];
    return unconfirmed;
  }

  confirmed(entries: readonly OutboxEntry[]): void {
    for (const entry of entries) this.#outbox.acknowledged(entry);
  }

  #fromAside(born: ReadonlySet<string>): OutboxEntry | undefined {
    for (const [device, entries] of this.#aside) {
      if (!born.has(device)) continue;
      const entry = entries.shift();
      if (entries.length === 0) this.#aside.delete(device);
      if (entry) this.#asideCount--;
      return entry;
    }
    return undefined;
  }

  #fromOutbox(born: ReadonlySet<string>): OutboxEntry | undefined {
    while (this.#asideCount < MOST_ASIDE) {
      const entry = this.#outbox.next();
      if (!entry) return undefined;
      const { device } = storedOf(entry);
      if (born.has(device)) return entry;
      if (this.#table.devices.has(device)) this.#setAside(entry);
      else this.#outbox.acknowledged(entry);
    }
    return undefined;
  }

  #setAside(entry: OutboxEntry): void {
    const { device } = storedOf(entry);
    const entries = this.#aside.get(device);
    if (entries) entries.push(entry);
    else this.#aside.set(device, [entry]);
    this.#asideCount++;
  }
}

/** Outcomes of commands are of the moment. */
function storable(samples: readonly DeclaredSample[]): readonly StoredSample[] {
  return samples
    .filter(({ name }) => !Object.hasOwn(COMMAND_METRICS, name))
    .map(({ name, value, quality, timestamp }) => [name, value, quality, timestamp]);
}

function storedOf({ value }: OutboxEntry): StoredSamples {
  return value as StoredSamples; // nobody else fills this outbox
}
