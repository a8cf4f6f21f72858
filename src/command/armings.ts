import { formatDuration } from "../kit/duration.ts";
import { type Instant, type Ms, plus } from "../kit/time.ts";
import type { ArmCommand, CallCommand } from "./command.ts";

interface Arming {
  readonly command: ArmCommand;
  readonly until: Instant;
}

/** Commands that were selected and may be called for a while: select before operate. */
export class Armings {
  /** The newest of each command of each device: there are no more than the plant has commands. */
  readonly #armed = new Map<string, Arming>();

  arm(command: ArmCommand, within: Ms, now: Instant): void {
    this.#armed.set(keyOf(command.device, command.arm), { command, until: plus(now, within) });
  }

  /** Whether what this request armed can still be called. */
  holds(command: ArmCommand, now: Instant): boolean {
    const arming = this.#armed.get(keyOf(command.device, command.arm));
    return arming?.command.id === command.id && now <= arming.until;
  }

  /** Uses up the arming that `call` names, by who armed it; or says why there is none. */
  use(call: CallCommand, within: Ms, now: Instant): string | undefined {
    const key = keyOf(call.device, call.call);
    const how = `arm it first (cmd/arm), then call it within ${formatDuration(within)} with "armed": the id of that`;
    const arming = this.#armed.get(key);
    if (call.armed === undefined) return `${call.call} has to be armed: ${how}`;
    if (arming?.command.id !== call.armed || arming.command.origin !== call.origin)
      return `"${call.armed}" did not arm ${call.call}: ${how}`;
    this.#armed.delete(key);
    return now <= arming.until ? undefined : `its arming has run out: ${how}`;
  }
}

function keyOf(device: string, command: string): string {
  return `${device}/${command}`;
}
