/** Something the scan has to know again after a restart of the master; undefined: it need not any more. */
export interface Kept {
  readonly shelf: KeptShelf;
  readonly key: string;
  /** Plain data. */
  readonly value: unknown;
}

/** Registers that devices refuse, variables of programs, states of alarms. */
export type KeptShelf = "holes" | "retained" | "alarms";

/** What was kept when the master ended, by key. */
export type Recalled = Readonly<Record<KeptShelf, ReadonlyMap<string, unknown>>>;

export const NOTHING_RECALLED: Recalled = { holes: new Map(), retained: new Map(), alarms: new Map() };
