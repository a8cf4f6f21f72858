import { errorMessage } from "../kit/error-message.ts";
import { err, ok, type Result } from "../kit/result.ts";
import type { LogFields } from "../kit/logger.ts";
import { type Disk, type DiskChange, DiskError, type DiskKind } from "./disk.ts";
import { ShelfIndex } from "./shelf-index.ts";
import { isShelf, type ShelfName, SHELVES } from "./shelves.ts";
import { decodeRecord, encodeRecord } from "./stored-json.ts";

export type StoreEvent =
  /** It did not open; what could be saved was. */
  | "store.repaired"
  /** It could not be mended and lies elsewhere now; a new one was begun. */
  | "store.setAside"
  /** Records that were not what had been written, or could not be read, are gone. */
  | "store.damaged"
  /** It takes nothing now, and why. */
  | "store.unavailable"
  | "store.available"
  /** A write has not been confirmed within its time. */
  | "store.slow";

export type TellStore = (event: StoreEvent, fields: LogFields) => void;

export type Shelves = Readonly<Record<ShelfName, ShelfIndex>>;

export interface ReadyDisk {
  readonly disk: Disk;
  readonly shelves: Shelves;
}

/** Of the layout of keys and records. */
const FORMAT = 1;
const FORMAT_KEY = "!format";
export const FORMAT_RECORD: DiskChange = [FORMAT_KEY, encodeRecord(FORMAT)];
/** Every key begins with its shelf and this; the next character ends the range. */
export const BORDER = "!";
export const BEHIND_BORDER = '"';

/** Opens the store and looks at every record; what is damaged is mended or put aside, and told. Gives why it is not there. */
export async function openDisk(folder: string, kind: DiskKind, tell: TellStore): Promise<Result<ReadyDisk, string>> {
  for (const mend of [repair, setAside, undefined]) {
    try {
      return await attempt(folder, kind, tell);
    } catch (error) {
      const reason = errorMessage(error);
      if (!mend || !(error instanceof DiskError) || error.fault !== "corrupt") return err(describe(error, reason));
      await mend(folder, kind, (event, fields) => tell(event, { ...fields, reason })).catch(() => undefined);
    }
  }
  return err("it could not be mended");
}

type Mend = (folder: string, kind: DiskKind, tell: TellStore) => Promise<void>;

const repair: Mend = async (folder, kind, tell) => {
  await kind.repair(folder);
  tell("store.repaired", { folder });
};

const setAside: Mend = async (folder, kind, tell) => {
  const aside = await kind.setAside(folder);
  tell("store.setAside", { folder, aside });
};

function describe(error: unknown, reason: string): string {
  return error instanceof DiskError && error.fault === "locked" ? "it is in use by another takt" : reason;
}

async function attempt(folder: string, kind: DiskKind, tell: TellStore): Promise<Result<ReadyDisk, string>> {
  const { disk, losses } = await kind.open(folder);
  try {
    const looked = await lookThrough(disk);
    if (looked.format > FORMAT) {
      await disk.close();
      return err(`its format ${looked.format} is of a newer takt; this one knows ${FORMAT}`);
    }
    await disk.write([FORMAT_RECORD, ...looked.damaged.map((key) => [key, undefined] as const)], true);
    for (const reason of losses) tell("store.damaged", { folder, reason });
    if (looked.damaged.length > 0)
      tell("store.damaged", { folder, records: looked.damaged.length, first: looked.damaged[0] });
    return ok({ disk, shelves: looked.shelves });
  } catch (error) {
    await disk.close().catch(() => undefined);
    throw error;
  }
}

interface Looked {
  readonly shelves: Shelves;
  readonly format: number;
  /** Keys of records that are not what was written. */
  readonly damaged: readonly string[];
}

async function lookThrough(disk: Disk): Promise<Looked> {
  const shelves = emptyShelves();
  const damaged: string[] = [];
  let format = FORMAT;
  for await (const [key, record] of disk.read("", "\u{10ffff}")) {
    const value = decodeRecord(record);
    const border = key.indexOf(BORDER);
    const shelf = key.slice(0, border);
    if (!value.ok) damaged.push(key);
    else if (key === FORMAT_KEY) format = Number(value.value);
    else if (isShelf(shelf)) shelves[shelf].put(key.slice(border + 1), sizeOf(key, record));
  }
  return { shelves, format, damaged };
}

export function sizeOf(key: string, record: string): number {
  return key.length + record.length;
}

export function emptyShelves(): Shelves {
  const indexes = Object.entries(SHELVES).map(([name, limit]) => [name, new ShelfIndex(limit)] as const);
  return Object.fromEntries(indexes) as Record<ShelfName, ShelfIndex>;
}
