import { errorMessage } from "../../kit/error-message.ts";
import type { Result } from "../../kit/result.ts";
import type { Ms } from "../../kit/time.ts";
import { ms } from "../../kit/time.ts";
import type { Store } from "../../store/store.ts";

/** Keeps the bdSeq of the newest CONNECT over restarts. */
export interface DeathNumbers {
  /** Undefined: none was kept. */
  load(): Promise<number | undefined>;
  save(bdSeq: number): void;
}

const SHELF = "counters";
const WITHIN: Ms = ms(2000);

/** Kept in the store, one for each edge node. `failed` hears why it was not. */
export function storedDeathNumbers(
  store: Pick<Store, "read" | "write">,
  descriptor: string,
  failed: (reason: string) => void,
): DeathNumbers {
  const key = `bdSeq/${descriptor}`;
  const tell = <T>(result: Result<T, { readonly reason: string }>): void => {
    if (!result.ok) failed(result.failure.reason);
  };
  return {
    async load() {
      const found = await store.read(SHELF, { limit: 1000 }, WITHIN);
      tell(found);
      const value = found.ok ? found.value.find((entry) => entry.key === key)?.value : undefined;
      return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 255 ? value : undefined;
    },
    save(bdSeq) {
      store
        .write([{ shelf: SHELF, key, value: bdSeq }], { durable: true, within: WITHIN })
        .then(tell, (error: unknown) => failed(errorMessage(error)));
    },
  };
}

/** Without a store: begun somewhere by the clock, so that a death of a session before is seldom taken for one of this. */
export function forgottenDeathNumbers(wall: () => number): DeathNumbers {
  return { load: async () => Math.floor(wall() / 1000) % 256, save: () => undefined };
}
