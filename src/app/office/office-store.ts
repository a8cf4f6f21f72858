import type { CommandResult } from "../../command/command.ts";
import { errorStack } from "../../kit/error-message.ts";
import type { LogFields, Logger } from "../../kit/logger.ts";
import { systemClock } from "../../kit/system-clock.ts";
import { ms } from "../../kit/time.ts";
import type { Kept, Recalled } from "../../link/messages.ts";
import type { CommandOutlet } from "../../mqtt/json/command-desk.ts";
import { CommandMemory } from "../../store/command-memory.ts";
import { Keeper } from "../../store/keeper.ts";
import { levelDisk } from "../../store/level-disk.ts";
import type { StoreEvent } from "../../store/open-disk.ts";
import { Store, type StoreCounters } from "../../store/store.ts";
import type { OfficeBrief } from "./office-settings.ts";
import { RememberedCommands } from "./remembered-commands.ts";

/** Another takt that is just ending gets so long to let go of the folder. */
const OPEN_WITHIN = ms(3000);
const CLOSE_WITHIN = ms(300);

/** The office's store with what is built on it. */
export interface OfficeStore {
  readonly store: Store;
  /** What was kept when the master ended. */
  readonly recalled: Recalled;
  readonly commands: RememberedCommands;
  keep(kept: Kept): void;
  counters(): StoreCounters;
  /** Waits for outcomes and state that are being stored. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface OfficeStoreOptions {
  readonly outlet: CommandOutlet;
  readonly answer: (result: CommandResult) => void;
  readonly logger: Logger;
  readonly tell: (event: StoreEvent, fields: LogFields) => void;
}

/** Undefined where the settings name no folder: then nothing outlives the master. */
export async function openOfficeStore(
  { plant, settings, life = "" }: OfficeBrief,
  { outlet, answer, logger, tell }: OfficeStoreOptions,
): Promise<OfficeStore | undefined> {
  const { storeDir: folder } = settings;
  if (folder === undefined) return undefined;
  const clock = systemClock;
  const store = new Store({
    folder,
    kind: levelDisk,
    clock,
    tell: (event, fields) => {
      logger[event === "store.available" ? "info" : "warn"](event, fields);
      tell(event, fields);
    },
  });
  const keeper = new Keeper(store, (error) => logger.error("office.bug", { reason: errorStack(error) }));
  await store.open(OPEN_WITHIN);
  const memory = new CommandMemory({ store, clock, life });
  const loadMemory = (): Promise<void> => memory.load();
  await loadMemory();
  // should it not have been there: what earlier lives left is known from then on
  const off = store.changes.on(({ state }) => state === "open" && void loadMemory());
  const commands = new RememberedCommands({ memory, outlet, answer, devices: plant.devices, clock });
  return {
    store,
    recalled: await keeper.recall(),
    commands,
    keep: (kept) => keeper.keep(kept),
    counters: () => store.counters(),
    async settled() {
      off();
      await commands.settled();
      await keeper.close();
    },
    close: () => store.close(CLOSE_WITHIN),
  };
}
