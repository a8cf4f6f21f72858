import {
  type Disk,
  type DiskChange,
  DiskError,
  type DiskFault,
  type DiskKind,
  type DiskRecord,
} from "../../../src/store/disk.ts";

/** A disk in memory that keeps what was acknowledged, and fails when told to. */
export class MemoryDisk implements DiskKind {
  readonly records = new Map<string, string>();
  /** Whether each write was to outlive a power cut. */
  readonly writes: boolean[] = [];
  /** What opening says, one after the other; then it opens. */
  readonly openFaults: (readonly [DiskFault, string])[] = [];
  /** What every write says, while it stands. */
  full: string | undefined;
  /** Writes wait until it is called; undefined: they do not. */
  release: (() => void) | undefined;
  losses: string[] = [];
  opened = 0;
  repaired = 0;
  aside = 0;
  #gate: Promise<void> | undefined;

  /** From now on writes wait for `release`. */
  hang(): void {
    this.#gate = new Promise((resolve) => {
      this.release = () => {
        this.#gate = undefined;
        resolve();
      };
    });
  }

  open(): Promise<{ readonly disk: Disk; readonly losses: readonly string[] }> {
    const fault = this.openFaults.shift();
    if (fault) return Promise.reject(new DiskError(...fault));
    this.opened++;
    const write = this.#write.bind(this);
    const disk: Disk = { read: this.#read.bind(this), write, close: () => Promise.resolve() };
    return Promise.resolve({ disk, losses: this.losses.splice(0) });
  }

  repair(): Promise<void> {
    this.repaired++;
    return Promise.resolve();
  }

  setAside(folder: string): Promise<string> {
    this.aside++;
    this.records.clear();
    return Promise.resolve(`${folder}.damaged-1`);
  }

  async *#read(from: string, below: string): AsyncIterable<DiskRecord> {
    const records = [...this.records].filter(([key]) => key >= from && key < below);
    for (const record of records.toSorted(([one], [other]) => (one < other ? -1 : 1)))
      yield await Promise.resolve(record);
  }

  async #write(changes: readonly DiskChange[], sync: boolean): Promise<void> {
    await this.#gate;
    if (this.full !== undefined) throw new DiskError("failed", this.full);
    this.writes.push(sync);
    for (const [key, record] of changes) {
      if (record === undefined) this.records.delete(key);
      else this.records.set(key, record);
    }
  }
}
