/** The parts of the store, each with its own bound. */
export const SHELVES = {
  /** Publications without acknowledgement, under ascending keys. */
  outbox: { entries: 200_000, bytes: 64 << 20, whenFull: "dropOldest" },
  /** What Sparkplug hosts have not been told, under ascending keys. */
  history: { entries: 200_000, bytes: 64 << 20, whenFull: "dropOldest" },
  /** Work for pools. */
  jobs: { entries: 100_000, bytes: 64 << 20, whenFull: "refuse" },
  /** Ends of jobs that the broker has not acknowledged. */
  untold: { entries: 8_000, bytes: 16 << 20, whenFull: "dropOldest" },
  /** Commands that may have reached a device, with their outcomes. */
  commands: { entries: 100_000, bytes: 64 << 20, whenFull: "refuse" },
  /** Commands that sent nothing, apart: however many come, they push out none of those that did. */
  unsent: { entries: 10_000, bytes: 8 << 20, whenFull: "dropOldest" },
  /** Retained values of programs. */
  retained: { entries: 1_000, bytes: 16 << 20, whenFull: "refuse" },
  /** Registers that devices refuse. */
  holes: { entries: 1_000, bytes: 4 << 20, whenFull: "dropOldest" },
  /** States of alarms. */
  alarms: { entries: 1_000, bytes: 4 << 20, whenFull: "dropOldest" },
  /** bdSeq, and on which topics Home Assistant was told of devices. */
  counters: { entries: 1_000, bytes: 1 << 20, whenFull: "refuse" },
} as const satisfies Readonly<Record<string, ShelfLimit>>;

export interface ShelfLimit {
  readonly entries: number;
  /** Of keys and values as they are stored. */
  readonly bytes: number;
  /** `refuse`: nothing more is taken until something is removed. `dropOldest`: what lies there longest makes room. */
  readonly whenFull: "refuse" | "dropOldest";
}

export type ShelfName = keyof typeof SHELVES;

export function isShelf(name: string): name is ShelfName {
  return Object.hasOwn(SHELVES, name);
}
