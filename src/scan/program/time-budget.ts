import type { Ms } from "../../kit/time.ts";

/** So many runs in a row within the budget, and the matter is over. */
const STEADY = 100;

export interface BudgetNews {
  readonly event: "program.overBudget" | "program.withinBudget";
  /** Runs over the budget since it was first exceeded. */
  readonly runs: number;
  readonly longest: Ms;
}

/** Watches how long a program takes: told when it begins to take too long, and when it has stopped to. */
export class TimeBudget {
  readonly #budget: Ms;
  #over = 0;
  #within = 0;
  #longest: Ms;

  constructor(budget: Ms) {
    this.#budget = budget;
    this.#longest = budget;
  }

  took(span: Ms): BudgetNews | undefined {
    if (span <= this.#budget) return this.#kept();
    const longest = span > this.#longest ? span : this.#longest;
    this.#longest = longest;
    this.#within = 0;
    return ++this.#over === 1 ? { event: "program.overBudget", runs: 1, longest } : undefined;
  }

  #kept(): BudgetNews | undefined {
    if (this.#over === 0 || ++this.#within < STEADY) return undefined;
    const news = { event: "program.withinBudget", runs: this.#over, longest: this.#longest } as const;
    this.#over = 0;
    this.#within = 0;
    this.#longest = this.#budget;
    return news;
  }
}
