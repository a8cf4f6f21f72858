import { type Instant, instant, ms, type Ms, plus } from "../../kit/time.ts";

export interface WriteBudgetRule {
  /** What writes may take of every frame. */
  readonly window: Ms;
  /** Length of a frame in scan cycles. */
  readonly frame: number;
  /** The longest transaction that may be under way when a write comes. */
  readonly behind: Ms;
}

interface Account {
  readonly rule: WriteBudgetRule;
  frame: number;
  end: Instant;
  spent: number;
  /** Taken in advance by writes that may still run when the next frame begins. */
  ahead: number;
  /** When all that went is done at the latest. */
  doneAt: Instant;
}

/**
 * What writes may still take of the present frame of each line: a bucket that every frame fills anew to the write window the
 * plan reckons with. A write that may run into the next frame is charged to that as well, so that no frame ever has more.
 */
export class WriteBudgets {
  readonly #accounts: ReadonlyMap<string, Account>;
  readonly #period: Ms;

  constructor(rules: ReadonlyMap<string, WriteBudgetRule>, period: Ms) {
    this.#period = period;
    this.#accounts = new Map(
      [...rules].map(([line, rule]) => [
        line,
        { rule, frame: -1, end: instant(0), spent: 0, ahead: 0, doneAt: instant(0) },
      ]),
    );
  }

  /** A cycle begins. */
  begin(cycle: number, now: Instant): void {
    for (const account of this.#accounts.values()) {
      const { frame: length } = account.rule;
      const frame = Math.floor(cycle / length);
      account.end = plus(now, ms(((frame + 1) * length - cycle) * this.#period));
      if (frame === account.frame) continue;
      account.spent = frame === account.frame + 1 ? account.ahead : 0;
      account.ahead = 0;
      account.frame = frame;
    }
  }

  /** Whether a write of this cost may go now. One that is alone always may. */
  admits(line: string, cost: Ms, now: Instant): boolean {
    const account = this.#accounts.get(line);
    if (!account) return true;
    const { rule, spent, ahead } = account;
    if (spent > 0 && spent + cost > rule.window + EPSILON) return false;
    return ahead === 0 || !runsOver(account, cost, now) || ahead + cost <= rule.window + EPSILON;
  }

  /** A write of this cost goes now, admitted or exempt. */
  spend(line: string, cost: Ms, now: Instant): void {
    const account = this.#accounts.get(line);
    if (!account) return;
    if (runsOver(account, cost, now)) account.ahead += cost;
    account.spent += cost;
    account.doneAt = plus(instant(Math.max(account.doneAt, now + account.rule.behind)), cost);
  }

  /** When the writes that went so far are done at the latest, if they are answered. */
  doneAt(line: string): Instant {
    return this.#accounts.get(line)?.doneAt ?? instant(0);
  }
}

const EPSILON = 1e-6;

function runsOver({ rule, spent, end }: Account, cost: number, now: Instant): boolean {
  return now + rule.behind + spent + cost > end + EPSILON;
}
