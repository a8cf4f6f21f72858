import type { Listenable } from "../../kit/signal.ts";
import type { Result } from "../../kit/result.ts";
import type { Instant, Ms } from "../../kit/time.ts";
import type { Failure } from "../../modbus/failure.ts";
import type { Answer, Request } from "../../modbus/request.ts";
import type { LineStatistics } from "./line-statistics.ts";

/** Writes go before reads, reads before slack; within a lane the order of asking is kept. */
export type Lane = "write" | "read" | "slack";

/** One thing asked of one unit: a request, and what the answer makes necessary next. */
export interface Transaction {
  readonly unit: number;
  readonly request: Request;
  /**
   * How long the unit may take: on Modbus/TCP from the moment a request is handed to the socket, on lines of RTU frames from
   * its last byte, and the time its answer takes on the wire comes on top. Never re-armed; each step has its own.
   */
  readonly responseTimeout: Ms;
  readonly lane: Lane;
  /** Not sent after this instant: it then fails as `notSent: too late`. */
  readonly sendBy?: Instant;
  /**
   * The next request of the same transaction, or undefined when it is complete. No other request reaches the unit
   * between the steps: a read-modify-write cannot be cut into, and a verifying read sees the write before it. "too late":
   * the next step must not be sent any more; the transaction fails there as `notSent: too late`.
   */
  readonly follow?: (answer: Answer, step: number) => Request | "too late" | undefined;
}

export interface Exchange {
  /** The answer to the last step. */
  readonly answer: Answer;
  /** When the last byte of the last request left, as well as that is known: the answer is no older than that. */
  readonly sentAt: Instant;
  readonly answeredAt: Instant;
}

export interface LineFailure {
  readonly failure: Failure;
  /** Which step failed, from 0; the steps before it were answered. */
  readonly step: number;
}

export type LineState =
  | { readonly state: "down"; readonly reason: string; readonly attempt: number }
  | { readonly state: "up"; readonly since: Instant };

/** What a wire carries besides requests of ours and their answers, as far as it says something about the wire. */
export type Overheard =
  /** A question that another master asked. */
  | { readonly kind: "foreignQuestion"; readonly unit: number }
  /** A second answer to one question: two slaves with this number, or the first one was late. */
  | { readonly kind: "secondAnswer"; readonly unit: number }
  /** The adapter began, or ceased, to hear what it sends, although nobody said that it does. */
  | { readonly kind: "echo"; readonly present: boolean };

/** One serial port or TCP endpoint, with one owner of its timing, shared by all units behind it. */
export interface Line {
  readonly name: string;
  readonly state: LineState;
  readonly changes: Listenable<LineState>;
  /** Lines of Modbus/TCP overhear nothing. */
  readonly overheard: Listenable<Overheard>;
  /** Starts connecting and keeps the line up for ever, until `close`. */
  open(): void;
  /** Always settles: with the answer, checked against the request, or with what went wrong. */
  send(transaction: Transaction): Promise<Result<Exchange, LineFailure>>;
  statistics(): LineStatistics;
  /** Fails what is pending, resets the connection and ends; nothing is sent afterwards. */
  close(): Promise<void>;
}
