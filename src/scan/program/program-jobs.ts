import { parseDuration } from "../../kit/duration.ts";
import type { Ms } from "../../kit/time.ts";
import { ProgramError } from "./program-error.ts";
import { stranger } from "./stranger.ts";

/** A job as a program orders it. */
export interface ProgramOrder {
  readonly id: string;
  readonly type: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  /** How long it may wait to be begun; undefined: for ever. */
  readonly deadline: Ms | undefined;
}

/** Where a job stands, for the program that ordered it. */
export interface ProgramJob {
  readonly state: string;
  readonly device: string | undefined;
  readonly reason: string | undefined;
  readonly result: string | undefined;
}

/** A pool as programs use it; the composition root supplies it. */
export interface ProgramPool {
  /** Why its devices cannot do this; undefined: they can. */
  fault(order: ProgramOrder): string | undefined;
  submit(order: ProgramOrder, program: string): void;
  find(id: string): ProgramJob | undefined;
}

/** What a program says of a job beside what it is. */
export interface SubmitOptions {
  readonly id?: string;
  readonly priority?: number;
  readonly deadline?: string;
}

const MOST_ORDERS = 16;
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const DEFAULT_PRIORITY = 5;

/** What a program calls `pools`: orders are noted, and given to their pools when the cycle counts. */
export class ProgramJobs {
  readonly pools: object;
  readonly #program: string;
  readonly #life: string;
  #orders: (readonly [ProgramPool, ProgramOrder])[] = [];
  #count = 0;

  /** `life` is another text in every life of the master: ids that are made here never come twice. */
  constructor(program: string, pools: ReadonlyMap<string, ProgramPool>, life: string) {
    this.#program = program;
    this.#life = life;
    const named = {};
    for (const [name, pool] of pools) {
      const value = Object.freeze({
        submit: (job: string, about?: object, options?: SubmitOptions) => this.#submit(pool, job, about, options),
        job: (id: string) => pool.find(id),
      });
      Object.defineProperty(named, name, { value, enumerable: true });
    }
    Object.setPrototypeOf(named, stranger("pool", [...pools.keys()]));
    this.pools = Object.freeze(named);
  }

  /** Ends a cycle: what was ordered in it counts, or not. */
  settle(keep: boolean): void {
    const orders = this.#orders;
    this.#orders = [];
    if (keep) for (const [pool, order] of orders) pool.submit(order, this.#program);
  }

  /** Numbers in `about` are parameters of the job, texts are labels. */
  #submit(pool: ProgramPool, type: string, about: object = {}, options: SubmitOptions = {}): string {
    const { id = `${this.#program}-${this.#life}-${++this.#count}`, priority = DEFAULT_PRIORITY } = options;
    const order = { id, type, ...sorted(type, about), priority, deadline: spanOf(options.deadline) };
    if (!ID.test(id)) throw new ProgramError(`job id "${id}": letters, digits, - and _, at most 64`);
    const fault = pool.fault(order);
    if (fault !== undefined) throw new ProgramError(fault);
    if (this.#orders.length >= MOST_ORDERS) throw new ProgramError(`more than ${MOST_ORDERS} jobs in one cycle`);
    this.#orders.push([pool, order]);
    return id;
  }
}

function sorted(job: string, about: object): Pick<ProgramOrder, "parameters" | "labels"> {
  const parameters: [string, number][] = [];
  const labels: [string, string][] = [];
  for (const [name, value] of Object.entries(about) as [string, unknown][]) {
    if (typeof value === "number" && Number.isFinite(value)) parameters.push([name, value]);
    else if (typeof value === "string") labels.push([name, value]);
    else throw new ProgramError(`job ${job}: ${name} is neither a number nor a text`);
  }
  return { parameters: Object.fromEntries(parameters), labels: Object.fromEntries(labels) };
}

function spanOf(deadline: string | undefined): Ms | undefined {
  if (deadline === undefined) return undefined;
  const span = parseDuration(deadline);
  if (span === undefined || span <= 0) throw new ProgramError(`deadline: "${deadline}" is no time; write "30s"`);
  return span;
}
