import type { LogFields } from "../../kit/logger.ts";
import { type Instant, ms, plus } from "../../kit/time.ts";
import { plainFields, plainText } from "./plain-fields.ts";
import type { ProgramLog } from "./program.ts";

export type Say = (level: "info" | "warn", text: string, fields: LogFields) => void;

/** Lines a program may write within a second; what is beyond is counted. */
const MOST_LINES = 10;
const SPAN = ms(1000);
/** Lines of one cycle that are looked at at all. */
const MOST_NOTED = 100;

/** What a program says in a cycle: told when the cycle counts or ends in a mistake, and never in a flood. */
export class ProgramDiary {
  readonly log: ProgramLog = {
    info: (text, fields) => this.#note("info", text, fields),
    warn: (text, fields) => this.#note("warn", text, fields),
  };
  readonly #say: Say;
  #lines: Parameters<Say>[] = [];
  #until: Instant | undefined;
  #said = 0;
  #dropped = 0;

  constructor(say: Say) {
    this.#say = say;
  }

  /** Made plain here, in the program's own time: what it gives may throw when it is read, or change. */
  #note(level: "info" | "warn", text: unknown, fields: unknown): void {
    if (this.#lines.length < MOST_NOTED) this.#lines.push([level, plainText(text), plainFields(fields)]);
    else this.#dropped++;
  }

  settle(keep: boolean, now: Instant): void {
    const lines = this.#lines;
    if (lines.length === 0) return;
    this.#lines = [];
    if (keep) for (const line of lines) this.#tell(line, now);
  }

  #tell([level, text, fields]: Parameters<Say>, now: Instant): void {
    if (this.#until === undefined || now >= this.#until) {
      this.#until = plus(now, SPAN);
      this.#said = 0;
    }
    if (++this.#said > MOST_LINES) {
      this.#dropped++;
      return;
    }
    this.#say(level, text, this.#dropped === 0 ? fields : { ...fields, dropped: this.#dropped });
    this.#dropped = 0;
  }
}
