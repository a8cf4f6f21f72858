import type { Clock } from "../../../src/kit/clock.ts";
import { err, ok, type Result } from "../../../src/kit/result.ts";
import { type Instant, type Ms, ms } from "../../../src/kit/time.ts";
import type { Failure } from "../../../src/modbus/failure.ts";
import { isWrite } from "../../../src/modbus/function-code.ts";
import type { Answer, Request } from "../../../src/modbus/request.ts";
import type { Table } from "../../../src/device/location.ts";

/** What a slave does with a write it receives. */
export type WriteBehaviour =
  | "executed"
  /** neither executed nor answered */
  | "swallowed"
  /** confirmed, and nothing happens */
  | "echoOnly"
  /** executed, and the answer is lost */
  | "answerLost"
  /** confirmed, and executed so much later */
  | { readonly delayed: Ms };

/** Requests that touch `from`..`to` of the table are answered with this exception. */
export interface Hole {
  readonly table: Table;
  readonly from: number;
  readonly to: number;
  readonly code: number;
}

export interface FakeAnswer {
  /** False: the unit is dead, nothing reached it. */
  readonly heard: boolean;
  readonly answer: Result<Answer, Failure> | "silence";
}

const SILENCE = { heard: true, answer: "silence" } as const;

/** A slave in memory. Its history says what each address held and since when. */
export class FakeUnit {
  latency: Ms = ms(2);
  silent = false;
  holes: readonly Hole[] = [];
  writes: WriteBehaviour = "executed";
  /** Exception code for every write; undefined: none. */
  writeException: number | undefined;
  /** Exception code for a request; undefined: none. */
  refusal: (request: Request) => number | undefined = () => undefined;
  /** Decides about each request: lost on its way, its answer lost or damaged, or neither. */
  fate: (request: Request) => "delivered" | "lost" | "answerLost" | "damaged" = () => "delivered";
  readonly #clock: Clock;
  readonly #memory = new Map<string, { at: Instant; value: number }[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(table: Table, address: number): number {
    return this.history(table, address).at(-1)?.value ?? 0;
  }

  set(table: Table, address: number, value: number): void {
    const history = this.#memory.get(`${table} ${address}`) ?? [];
    history.push({ at: this.#clock.now(), value });
    this.#memory.set(`${table} ${address}`, history);
  }

  /** Oldest first; an address nobody wrote held 0 for ever. */
  history(table: Table, address: number): readonly { readonly at: Instant; readonly value: number }[] {
    return this.#memory.get(`${table} ${address}`) ?? [];
  }

  take(request: Request): FakeAnswer {
    const fate = this.silent ? "lost" : this.fate(request);
    if (fate === "lost") return { heard: false, answer: "silence" };
    const answer = this.#answer(request);
    if (fate === "damaged") return { heard: true, answer: err({ kind: "damaged", reason: "wrong check sum" }) };
    return fate === "answerLost" ? SILENCE : answer;
  }

  #answer(request: Request): FakeAnswer {
    const code = this.#exception(request);
    if (code !== undefined) return { heard: true, answer: err({ kind: "exception", code }) };
    if (request.fc === 23) return this.#writeAndRead(request);
    if (!isWrite(request.fc)) return { heard: true, answer: ok(this.#read(request)) };
    const behaviour = this.writes;
    if (behaviour === "swallowed") return SILENCE;
    if (behaviour === "executed" || behaviour === "answerLost") this.#write(request);
    if (typeof behaviour === "object") {
      this.#clock.after("delayed effect", behaviour.delayed, () => this.#write(request));
    }
    return behaviour === "answerLost" ? SILENCE : { heard: true, answer: ok({ kind: "written" }) };
  }

  #writeAndRead({ address, quantity, writeAddress, values }: Request & { readonly fc: 23 }): FakeAnswer {
    if (this.writes === "swallowed") return SILENCE;
    if (this.writes !== "echoOnly") values.forEach((value, index) => this.set("holding", writeAddress + index, value));
    const answer = ok(this.#read({ fc: 3, address, quantity }));
    return this.writes === "answerLost" ? SILENCE : { heard: true, answer };
  }

  #exception(request: Request): number | undefined {
    if (isWrite(request.fc) && this.writeException !== undefined) return this.writeException;
    const refused = this.refusal(request);
    if (refused !== undefined) return refused;
    const { table, first, last } = spanOf(request);
    return this.holes.find((hole) => hole.table === table && first <= hole.to && last >= hole.from)?.code;
  }

  #read(request: Request): Answer {
    const { table, first, last } = spanOf(request);
    const values = Array.from({ length: last - first + 1 }, (_, index) => this.get(table, first + index));
    return table === "coil" || table === "discrete"
      ? { kind: "bits", bits: values.map(Boolean) }
      : { kind: "registers", registers: values };
  }

  #write(request: Request): void {
    switch (request.fc) {
      case 5:
        return this.set("coil", request.address, Number(request.value));
      case 6:
        return this.set("holding", request.address, request.value);
      case 15:
        return request.values.forEach((value, index) => this.set("coil", request.address + index, Number(value)));
      case 16:
        return request.values.forEach((value, index) => this.set("holding", request.address + index, value));
      case 22: {
        const { address, and, or } = request;
        return this.set("holding", address, (this.get("holding", address) & and) | (or & ~and & 0xffff));
      }
      default:
        throw new Error(`the fake slave does not write with function ${request.fc}`);
    }
  }
}

function spanOf(request: Request): { readonly table: Table; readonly first: number; readonly last: number } {
  switch (request.fc) {
    case 1:
    case 2:
    case 3:
    case 4: {
      const table = ({ 1: "coil", 2: "discrete", 3: "holding", 4: "input" } as const)[request.fc];
      return { table, first: request.address, last: request.address + request.quantity - 1 };
    }
    case 5:
      return { table: "coil", first: request.address, last: request.address };
    case 15:
      return { table: "coil", first: request.address, last: request.address + request.values.length - 1 };
    case 16:
      return { table: "holding", first: request.address, last: request.address + request.values.length - 1 };
    case 23:
      return { table: "holding", first: request.writeAddress, last: request.writeAddress + request.values.length - 1 };
    case 6:
    case 22:
      return { table: "holding", first: request.address, last: request.address };
    default:
      throw new Error(`the fake slave does not know function ${request.fc}`);
  }
}
