import type { Line } from "../../bus/line/line.ts";
import { openLine } from "../../bus/open-line.ts";
import type { Clock } from "../../kit/clock.ts";
import { silentLogger } from "../../kit/logger.ts";
import type { Random } from "../../kit/random.ts";
import { err, ok } from "../../kit/result.ts";
import { between, type Ms } from "../../kit/time.ts";
import type { AccessOutcome } from "../../link/messages.ts";
import type { Request } from "../../modbus/request.ts";
import type { Access } from "./access.ts";
import type { Target } from "./target.ts";

/** A connection of our own, made when it is needed and anew after it broke: people wait for no back-off. */
export class DirectAccess implements Access {
  readonly through = undefined;
  readonly #target: Target;
  readonly #clock: Clock;
  readonly #random: Random;
  #line: Line | undefined;

  constructor(target: Target, clock: Clock, random: Random) {
    this.#target = target;
    this.#clock = clock;
    this.#random = random;
  }

  async ask(unit: number, request: Request, timeout: Ms): Promise<AccessOutcome> {
    const line = await this.#ready();
    if (line.state.state === "down") return err({ kind: "unreachable", reason: line.state.reason });
    const asked = this.#clock.now();
    const settled = await line.send({ unit, request, responseTimeout: timeout, lane: "write" });
    if (!settled.ok) return err(settled.failure.failure);
    return ok({ answer: settled.value.answer, took: between(asked, settled.value.answeredAt) });
  }

  async close(): Promise<void> {
    await this.#line?.close();
  }

  /** A line that is up, or one whose only attempt failed. */
  async #ready(): Promise<Line> {
    if (this.#line?.state.state === "up") return this.#line;
    await this.#line?.close();
    const line = this.#newLine();
    this.#line = line;
    const settled = new Promise<void>((resolve) => {
      const stop = line.changes.on(() => {
        stop();
        resolve();
      });
    });
    line.open();
    await settled;
    return line;
  }

  #newLine(): Line {
    return openLine(this.#target, {
      unitWindows: new Map(),
      clock: this.#clock,
      random: this.#random,
      logger: silentLogger,
    });
  }
}
