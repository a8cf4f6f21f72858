/** What the store asks of a database on a disk; all keys in one, in order. */
export interface Disk {
  /** All records from `from` on (included) and below `below`, in order of their keys; a few at a time. */
  read(from: string, below: string): AsyncIterable<DiskRecord>;
  /** All or nothing; with `sync` it outlives a power cut, else the end of the process only. */
  write(changes: readonly DiskChange[], sync: boolean): Promise<void>;
  close(): Promise<void>;
}

export type DiskRecord = readonly [key: string, record: string];

/** Undefined: the record is removed. */
export type DiskChange = readonly [key: string, record: string | undefined];

/** How a database is opened, mended and put away. Rejections are {@link DiskError}s. */
export interface DiskKind {
  open(folder: string): Promise<OpenedDisk>;
  /** Saves what can be saved of a database that does not open. */
  repair(folder: string): Promise<void>;
  /** Moves it out of the way; gives where it lies now. */
  setAside(folder: string): Promise<string>;
}

export interface OpenedDisk {
  readonly disk: Disk;
  /** What the database itself says it could not read, in its words. */
  readonly losses: readonly string[];
}

export type DiskFault = "locked" | "corrupt" | "failed";

/** Thrown by a {@link DiskKind} and by what it opened; `message` is for people. */
export class DiskError extends Error {
  override readonly name = "DiskError";
  readonly fault: DiskFault;

  constructor(fault: DiskFault, message: string) {
    super(message);
    this.fault = fault;
  }
}
