import type { Instant } from "../../kit/time.ts";
import { isWrite } from "../../modbus/function-code.ts";
import type { Lane, Transaction } from "./line.ts";

const LANES: readonly Lane[] = ["write", "read", "slack"];

/** What the queue knows of one unit. */
interface UnitGate {
  readonly window: number;
  inFlight: number;
  /** A write, or a transaction of several steps, is under way: nothing else goes to the unit. */
  exclusive: boolean;
  /** The last search in which something had to wait for this unit: what came later must not overtake it. */
  passedOver: number;
}

interface Queued {
  readonly transaction: Transaction;
}

export interface TransactionQueueOptions {
  /** Most transactions in flight together. */
  readonly window: number;
  /** The same for a unit; 1 where none is given. */
  readonly unitWindows: ReadonlyMap<number, number>;
  /** Most transactions that wait in each lane: reads never make a write be refused. */
  readonly limit: number;
}

/**
 * Decides what goes next: writes before reads before slack, each in the order of asking; the windows of line and unit are
 * kept; a write waits for what its unit has in flight and lets nothing else to that unit until it is settled. A unit
 * that cannot take its next transaction does not hold up the others.
 */
export class TransactionQueue<T extends Queued> {
  readonly #options: TransactionQueueOptions;
  readonly #lanes: Readonly<Record<Lane, T[]>> = { write: [], read: [], slack: [] };
  readonly #gates = new Map<number, UnitGate>();
  #inFlight = 0;
  #waiting = 0;
  #search = 0;

  constructor(options: TransactionQueueOptions) {
    this.#options = options;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Takes `item`; false when its lane is full. */
  add(item: T): boolean {
    const lane = this.#lanes[item.transaction.lane];
    if (lane.length >= this.#options.limit) return false;
    lane.push(item);
    this.#waiting++;
    return true;
  }

  /** Takes out the next that may go now, to a unit that `admits`; it is in flight until `release`. */
  next(admits: (unit: number) => boolean = anyUnit): T | undefined {
    if (this.#waiting === 0 || this.#inFlight >= this.#options.window) return undefined;
    this.#search++;
    for (const lane of LANES) {
      const items = this.#lanes[lane];
      for (const [at, { transaction }] of items.entries()) {
        if (this.#admits(transaction, admits)) return this.#take(items, at);
      }
    }
    return undefined;
  }

  /** The transaction, in flight until now, is settled. */
  release(transaction: Transaction): void {
    const gate = this.#gate(transaction.unit);
    gate.inFlight--;
    if (isExclusive(transaction)) gate.exclusive = false;
    this.#inFlight--;
  }

  /** Takes out what waits and should have been sent by `now`. */
  takeLate(now: Instant): T[] {
    return this.#takeAll((item) => item.transaction.sendBy !== undefined && item.transaction.sendBy <= now);
  }

  /** Takes out all that waits. */
  drain(): T[] {
    return this.#takeAll(() => true);
  }

  /** The first instant at which something that waits will be late. */
  earliestSendBy(): Instant | undefined {
    let earliest: Instant | undefined;
    for (const lane of LANES) {
      for (const { transaction } of this.#lanes[lane]) {
        if (transaction.sendBy !== undefined && !(earliest !== undefined && earliest <= transaction.sendBy)) {
          earliest = transaction.sendBy;
        }
      }
    }
    return earliest;
  }

  #admits(transaction: Transaction, admits: (unit: number) => boolean): boolean {
    const gate = this.#gate(transaction.unit);
    if (gate.passedOver === this.#search) return false;
    const limit = isExclusive(transaction) ? 1 : gate.window;
    if (!gate.exclusive && gate.inFlight < limit && admits(transaction.unit)) return true;
    gate.passedOver = this.#search;
    return false;
  }

  #take(items: T[], at: number): T | undefined {
    const item = at === 0 ? items.shift() : items.splice(at, 1)[0];
    if (item === undefined) return undefined;
    const gate = this.#gate(item.transaction.unit);
    gate.inFlight++;
    gate.exclusive = isExclusive(item.transaction);
    this.#waiting--;
    this.#inFlight++;
    return item;
  }

  #takeAll(wanted: (item: T) => boolean): T[] {
    const taken: T[] = [];
    for (const lane of LANES) {
      const items = this.#lanes[lane];
      const kept = items.filter((item) => !wanted(item) || void taken.push(item));
      if (kept.length < items.length) items.splice(0, items.length, ...kept);
    }
    this.#waiting -= taken.length;
    return taken;
  }

  #gate(unit: number): UnitGate {
    const known = this.#gates.get(unit);
    if (known) return known;
    const gate = { window: this.#options.unitWindows.get(unit) ?? 1, inFlight: 0, exclusive: false, passedOver: 0 };
    this.#gates.set(unit, gate);
    return gate;
  }
}

function anyUnit(): boolean {
  return true;
}

function isExclusive(transaction: Transaction): boolean {
  return transaction.follow !== undefined || isWrite(transaction.request.fc);
}
