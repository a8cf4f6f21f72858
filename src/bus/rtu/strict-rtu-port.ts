import { bystandersIn } from "./rtu-bystanders.ts";
import { type ExpectedAnswer, RtuFramer } from "./rtu-framer.ts";
import { CRC_LENGTH, StrictPort } from "../line/strict-port.ts";

/** What the port finds on the line beside the good answer, which goes to modbus-serial. */
export interface StrictRtuPortEvents {
  /** The next frame for the line. */
  transmit(frame: Buffer): void;
  /**
   * The answer was found, after `before` and in front of `after`, and the request itself was heard `echoes` times;
   * modbus-serial is given it next.
   */
  accepted(frame: Buffer, before: Buffer, after: Buffer, echoes: number): void;
  /**
   * An intact frame of the unit and function asked that is not the answer, or one of several different ones that came
   * together: an older one may have been held back. Nothing is awaited any more.
   */
  mismatched(reason: string, frame: Buffer, before: Buffer, after: Buffer): void;
}

export type AnswerShape = Pick<ExpectedAnswer, "length" | "localEcho">;

/** The port of an RTU line as modbus-serial sees it: one request at a time, and only its own answer is heard. */
export class StrictRtuPort extends StrictPort {
  readonly #events: StrictRtuPortEvents;
  #shape: AnswerShape | undefined;
  #framer: RtuFramer | undefined;

  constructor(events: StrictRtuPortEvents) {
    super();
    this.#events = events;
  }

  /** Says what the answer to the request written next looks like; undefined for a broadcast, which nobody answers. */
  expect(shape: AnswerShape | undefined): void {
    this.#shape = shape;
  }

  write(rtu: Buffer): void {
    const request = Buffer.from(rtu);
    this.#framer = this.#shape && new RtuFramer({ unit: request[0] ?? 0, request, ...this.#shape });
    this.#events.transmit(request);
  }

  /** Takes bytes from the line while an answer is awaited; true when they end with one whose check sum is wrong. */
  receive(chunk: Buffer): boolean {
    const framer = this.#framer;
    if (!framer || !this.isOpen) return false;
    const found = framer.push(chunk);
    if (found.kind === "waiting") return found.damaged;
    this.#framer = undefined;
    const after = chunk.subarray(found.taken);
    if (found.kind === "mismatch") {
      this.#events.mismatched(found.reason, found.frame, framer.held, after);
    } else if (isContradicted(found.frame, after)) {
      this.#events.mismatched("another answer comes with it", found.frame, framer.held, after);
    } else {
      this.#events.accepted(found.frame, framer.held, after, framer.echoes);
      this.deliver(0, found.frame.subarray(0, -CRC_LENGTH));
    }
    return false;
  }

  /** Stops waiting; gives what had come instead of an answer, and how often the request itself was heard. */
  giveUp(): { readonly held: Buffer; readonly echoes: number } {
    const framer = this.#framer;
    this.#framer = undefined;
    return { held: framer?.held ?? Buffer.alloc(0), echoes: framer?.echoes ?? 0 };
  }
}

/** Whether a different answer of the same unit and function came in one piece with this one. */
function isContradicted(frame: Buffer, after: Buffer): boolean {
  if (after.length === 0) return false;
  return bystandersIn(after).frames.some(
    ({ unit, frame: other }) =>
      unit === frame[0] && ((other[1] ?? 0) & 0x7f) === ((frame[1] ?? 0) & 0x7f) && !other.equals(frame),
  );
}
