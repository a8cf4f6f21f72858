import { errorMessage } from "../../kit/error-message.ts";
import { type Ms, ms } from "../../kit/time.ts";
import type { Store } from "../../store/store.ts";

/** Keeps over restarts on which topics Home Assistant was told of devices. */
export interface ToldTopics {
  load(): Promise<readonly string[]>;
  save(topics: readonly string[]): void;
}

const SHELF = "counters";
const KEY = "homeAssistant";
const WITHIN: Ms = ms(2000);

/** `failed` hears why it was not kept, or not found. */
export function storedTopics(store: Pick<Store, "read" | "write">, failed: (reason: string) => void): ToldTopics {
  return {
    async load() {
      const found = await store.read(SHELF, { limit: 1000 }, WITHIN);
      if (!found.ok) failed(found.failure.reason);
      const value = found.ok ? found.value.find(({ key }) => key === KEY)?.value : undefined;
      return Array.isArray(value) ? value.filter((topic) => typeof topic === "string") : [];
    },
    save(topics) {
      store.write([{ shelf: SHELF, key: KEY, value: topics }], { durable: true, within: WITHIN }).then(
        (written) => !written.ok && failed(written.failure.reason),
        (error: unknown) => failed(errorMessage(error)),
      );
    },
  };
}

/** Without a store: of devices that are gone nothing is known. */
export const FORGOTTEN_TOPICS: ToldTopics = { load: async () => [], save: () => undefined };
