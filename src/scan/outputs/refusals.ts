import type { LogFields } from "../../kit/logger.ts";
import { describeFailure, type Failure } from "../../modbus/failure.ts";
import { entriesOf, formatBlock, type ReadBlock } from "../../plan/read-block.ts";

/** Names told in one event; of more only the number is. */
const MOST_NAMES = 20;

type RefusalEvent = "tag.refused" | "block.split";

interface Refusal {
  readonly device: string;
  readonly event: RefusalEvent;
  readonly tags: string[];
  readonly blocks: string[];
  readonly reason: string;
}

/** What devices refused since it was last told: one event for each device and kind, however much it refuses. */
export class Refusals {
  #refusals = new Map<string, Refusal>();

  /** Tags that stand alone, or a block that is asked for in parts from now on. */
  add(event: RefusalEvent, block: ReadBlock, failure: Failure): void {
    const device = block.device.name;
    const key = `${event} ${device}`;
    const fresh = { device, event, tags: [], blocks: [], reason: describeFailure(failure) };
    const refusal = this.#refusals.get(key) ?? fresh;
    this.#refusals.set(key, refusal);
    refusal.tags.push(...entriesOf(block).map((entry) => entry.tag.name));
    refusal.blocks.push(formatBlock(block));
  }

  tell(sink: (event: RefusalEvent, fields: LogFields) => void): void {
    if (this.#refusals.size === 0) return;
    const refusals = this.#refusals;
    this.#refusals = new Map();
    for (const { device, event, tags, blocks, reason } of refusals.values()) {
      sink(event, { device, tags: some(tags), at: some(blocks), reason });
    }
  }
}

function some(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
