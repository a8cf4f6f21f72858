import type { Access } from "../../../src/app/access/access.ts";
import { err, ok } from "../../../src/kit/result.ts";
import { type Ms, ms } from "../../../src/kit/time.ts";
import type { AccessFailure, AccessOutcome } from "../../../src/link/messages.ts";
import type { Answer, Request } from "../../../src/modbus/request.ts";

/** A way to units that answers as `reply` says, and remembers what it was asked. */
export class FakeAccess implements Access {
  readonly through = undefined;
  readonly asked: { readonly unit: number; readonly request: Request }[] = [];
  readonly #reply: (unit: number, request: Request) => AccessOutcome;

  constructor(reply: (unit: number, request: Request) => AccessOutcome) {
    this.#reply = reply;
  }

  async ask(unit: number, request: Request, _timeout: Ms): Promise<AccessOutcome> {
    this.asked.push({ unit, request });
    return this.#reply(unit, request);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export function answered(answer: Answer): AccessOutcome {
  return ok({ answer, took: ms(1) });
}

export function failed(failure: AccessFailure): AccessOutcome {
  return err(failure);
}

export function refused(code: number): AccessOutcome {
  return failed({ kind: "exception", code });
}

export const SILENT: AccessOutcome = failed({ kind: "timeout", after: ms(1000) });
