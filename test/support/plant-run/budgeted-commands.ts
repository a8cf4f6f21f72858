import type { CommandResult } from "../../../src/command/command.ts";
import type { TagEntry } from "../../../src/device/tag-table.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import type { Random } from "../../../src/kit/random.ts";
import { type Instant, type Ms, ms, plus } from "../../../src/kit/time.ts";
import type { PlantProof, ProvedLine } from "../../../src/plan/plant-proof.ts";
import { writeCost } from "../../../src/plan/write-cost.ts";
import type { ScanSide } from "../scan/scan-side.ts";

/** Nothing is slow by a rounding error. */
const EPSILON = 1e-3;

const TTL = ms(20_000);

export interface BudgetedCommandsOptions {
  readonly proof: PlantProof;
  readonly clock: Clock;
  readonly random: Random;
  readonly side: Pick<ScanSide, "entries" | "executor" | "engine">;
  /** This device is left alone. */
  readonly mortal: string | undefined;
}

/** What people do: on every line as much as the budget of its writes takes, and never more. */
export class BudgetedCommands {
  readonly slow: string[] = [];
  readonly #options: BudgetedCommandsOptions;
  readonly #open = new Set<string>();
  /** From when on each line may be given the next burst. */
  readonly #rested = new Map<string, Instant>();
  #slowest = 0;
  #count = 0;

  constructor(options: BudgetedCommandsOptions) {
    this.#options = options;
  }

  /** Commands that were answered and judged. */
  get answers(): number {
    return this.#count - this.#open.size;
  }

  /** What a command took at most, as a share of what was predicted. */
  get slowest(): number {
    return this.#slowest;
  }

  /** At any instant: a burst of as many commands as the budget of a frame takes, every three or four frames. */
  burst(): void {
    const { proof, clock, random } = this.#options;
    const now = clock.now();
    for (const line of proof.lines) {
      if (now < (this.#rested.get(line.plan.line) ?? 0)) continue;
      const { window, longest } = line.plan.writes;
      const most = longest > 0 ? Math.floor(window / longest + 1e-9) : 0;
      const outputs = this.#outputs(line);
      for (let left = Math.min(most, 1 + Math.floor(random() * most)); left > 0 && outputs.length > 0; left--) {
        const [entry] = outputs.splice(Math.floor(random() * outputs.length), 1);
        if (entry) this.#set(entry);
      }
      this.#rested.set(line.plan.line, plus(now, ms((3 + Math.floor(random() * 2)) * line.proof.frame)));
    }
  }

  /** At the end of a cycle: where a frame begins with the next, the write that is the hardest on it goes first in it. */
  dearest(nextCycle: number): void {
    for (const line of this.#options.proof.lines) {
      if (nextCycle % line.plan.frame !== 0) continue;
      const weight = (entry: TagEntry): number => {
        const reads = line.plan.window > 1 ? readsOf(entry.device.unit, nextCycle, line) : 0;
        return reads + writeCost([entry], line.settings);
      };
      const [hardest] = this.#outputs(line).sort((a, b) => weight(b) - weight(a));
      if (hardest) this.#set(hardest);
    }
  }

  answered({ id: told, outcome, reason, took }: CommandResult): void {
    const { proof, side } = this.#options;
    const id = told.split(" ")[0] ?? "";
    this.#open.delete(id);
    const entry = side.entries.find(({ device, tag }) => `${device.name}/${tag.name}` === id);
    const line = proof.lines.find(({ plan }) => plan.line === entry?.device.line);
    if (!line?.proof.holds) return;
    if (outcome !== "verified" && outcome !== "acknowledged") this.slow.push(`${told}: ${outcome} ${String(reason)}`);
    this.#judge(told, took, line.proof.command ?? ms(0));
  }

  #judge(told: string, took: Ms, bound: Ms): void {
    this.#slowest = Math.max(this.#slowest, took / bound);
    if (took > bound + EPSILON) this.slow.push(`${told} took ${took} ms, not ${bound} at most`);
  }

  /** Those of devices that are there, none of which is under way. */
  #outputs({ plan }: ProvedLine): TagEntry[] {
    const { side, mortal } = this.#options;
    return side.entries.filter(({ device, tag }) => {
      if (device.line !== plan.line || !tag.write || device.name === mortal) return false;
      return !this.#open.has(`${device.name}/${tag.name}`) && side.engine.status(device.name)?.status === "online";
    });
  }

  #set({ device, tag }: TagEntry): void {
    const { clock, side } = this.#options;
    const value = ++this.#count % 16;
    const id = `${device.name}/${tag.name}`;
    this.#open.add(id);
    const about = { device: device.name, ttl: TTL, receivedAt: clock.now(), origin: "test" };
    side.executor.accept({
      ...about,
      id: `${id} ${this.#count}`,
      set: [[tag.name, tag.type === "bool" ? true : value]],
    });
  }
}

/** What the unit is asked for in the frame that begins with this cycle. */
function readsOf(unit: number, cycle: number, { plan }: ProvedLine): number {
  return plan.cyclic
    .filter(({ block, every, phases }) => block.device.unit === unit && phases.includes(cycle % every))
    .reduce((sum, { cost }) => sum + cost.worst, 0);
}
