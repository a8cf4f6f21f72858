import type { LogFields } from "../../kit/logger.ts";
import { type Instant, ms, plus } from "../../kit/time.ts";
import type { ProgramLog } from "./program.ts";

export type Say = (level: "info" | "warn", text: string, fields: LogFields) => void;

/** Lines a program may write within a second; what is beyond is counted. */
const MOST_LINES = 10;
const SPAN = ms(1000);

/** What a program says in a cycle: told when the cycle counts or ends in a mistake, and never in a flood. */
export class ProgramDiary {
  readonly log: ProgramLog = {
    info: (text, fields = {}) => void this.#lines.push(["info", text, fields]),
    warn: (text, fields = {}) => void this.#lines.push(["warn", text, fields]),
  };
  readonly #say: Say;
  #lines: Parameters<Say>[] = [];
  #until: Instant | undefined;
  #said = 0;
  #dropped = 0;

  constructor(say: Say) {
    this.#say = say;
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
