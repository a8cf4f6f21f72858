import type { Clock, Timer } from "../../kit/clock.ts";
import { errorMessage } from "../../kit/error-message.ts";
import { invariant } from "../../kit/invariant.ts";
import type { Result } from "../../kit/result.ts";
import { between, type Instant, type Ms, ms, plus } from "../../kit/time.ts";
import type { Failure } from "../../modbus/failure.ts";
import { isBroadcastable, isWrite } from "../../modbus/function-code.ts";
import type { Answer, Request } from "../../modbus/request.ts";
import { answerLength } from "../../modbus/wire-time.ts";
import { DeadlineAlarm } from "../line/deadline-alarm.ts";
import { Flight } from "../line/flight.ts";
import type { LineCounters } from "../line/line-counters.ts";
import { ModbusClient } from "../line/modbus-client.ts";
import type { PendingTransaction } from "../line/pending-transaction.ts";
import type { Quarantine } from "./quarantine.ts";
import { type ConnectionTrust, newConnection, nextTrust, type TrustEvent } from "../line/reset-policy.ts";
import type { RtuListener } from "./rtu-listener.ts";
import type { RtuTiming } from "./rtu-timing.ts";
import type { RtuTransport } from "./rtu-transport.ts";
import { clearAt, nextWire, type RtuWire, type RtuWireEvent, wireAlarm } from "./rtu-wire.ts";
import { LONGEST_RTU_FRAME } from "../line/strict-port.ts";
import { StrictRtuPort } from "./strict-rtu-port.ts";
import type { TransactionProgress } from "../line/transaction-progress.ts";
import type { WaitUntil } from "./wait-until.ts";

export interface RtuSessionOptions {
  readonly clock: Clock;
  readonly wait: WaitUntil;
  readonly counters: LineCounters;
  readonly timing: RtuTiming;
  readonly localEcho: boolean;
  readonly quarantine: Quarantine;
  readonly transport: RtuTransport;
  /** Hears everything that answers nothing. */
  readonly listener: RtuListener;
  /** Whether the port is to be opened anew after the timeout that led to this. */
  readonly mustReset: (trust: ConnectionTrust, timeout: TrustEvent & { readonly kind: "timeout" }) => boolean;
  /** A transaction, or the next, may begin. */
  readonly ready: () => void;
  readonly settled: (pending: PendingTransaction) => void;
  /** The transport must not be used any further: `end` comes before this returns. */
  readonly broken: (reason: string) => void;
}

const BROADCAST = 0;
const NOTHING = Buffer.alloc(0);

/** Of bytes that nobody listens to no more is kept than of an answer. */
const MOST_IGNORED = LONGEST_RTU_FRAME;

/**
 * Up to so long after the silence the line has been looked at in every turn of the event loop, and nothing came. Later
 * something may lie unseen, because the line was idle or the thread busy.
 */
const SEEN = ms(1);

/** What a unit that failed is left alone for, in response timeouts. */
const QUARANTINE_TIMEOUTS = 2;

/** The life of one open transport: one transaction at a time, silence where it has to be, and nothing late delivered. */
export class RtuSession {
  readonly #options: RtuSessionOptions;
  readonly #port: StrictRtuPort;
  readonly #client: ModbusClient;
  readonly #alarm: DeadlineAlarm;
  #wire: RtuWire;
  #flight: Flight | undefined;
  #gap: Timer | undefined;
  #release: Timer | undefined;
  /** What came and was not listened to, as far as it was kept. */
  #ignored: Buffer = NOTHING;
  #trust: ConnectionTrust = newConnection;
  #over = false;

  constructor(options: RtuSessionOptions) {
    const { clock } = options;
    this.#options = options;
    this.#wire = { state: "quiet", lastByte: clock.now() };
    this.#port = new StrictRtuPort({
      transmit: (frame) => this.#transmit(frame),
      accepted: (frame, before, after, echoes) => {
        options.listener.echoed(frame[1] ?? 0, echoes > 0);
        this.#sortOut(frame, "accepted", before, after);
      },
      mismatched: (reason, frame, before, after) => {
        this.#sortOut(frame, `mismatch: ${reason}`, before, after);
        this.#lose({ kind: "mismatch", reason });
      },
    });
    this.#client = new ModbusClient(this.#port);
    this.#alarm = new DeadlineAlarm({
      name: "wire",
      clock,
      earliest: () => (this.#over ? undefined : wireAlarm(this.#wire, options.timing)?.at),
      ring: (now) => this.#ring(now),
    });
  }

  /** Whether any unit has answered. */
  get proven(): boolean {
    return this.#trust.lastAnswer !== undefined;
  }

  /** Whether a transaction may begin now; when not, `ready` is called as soon as one may. */
  ready(): boolean {
    const clear = clearAt(this.#wire, this.#options.timing);
    if (this.#over || this.#flight || clear === undefined) return false;
    if (clear <= this.#options.clock.now()) return true;
    this.#awaitGap(clear);
    return false;
  }

  /** Whether `unit` may be asked now; when not, `ready` is called as soon as it may. */
  admits(unit: number): boolean {
    const { clock, quarantine, ready } = this.#options;
    const now = clock.now();
    if (quarantine.admits(unit, now)) return true;
    const end = quarantine.earliestEnd(now);
    if (end === undefined || this.#release) return false;
    this.#release = clock.after("quarantine", between(now, end), () => {
      this.#release = undefined;
      ready();
    });
    return false;
  }

  /** Sends the first request of `pending`; only while ready. */
  begin(pending: PendingTransaction): void {
    invariant(!this.#flight && !this.#over, "two transactions at once on a line of RTU frames");
    this.#flight = new Flight(0, pending, this.#options.counters);
    this.#ask(this.#flight);
  }

  /** Takes bytes from the transport. */
  receive(chunk: Buffer): void {
    if (this.#over || chunk.length === 0) return;
    const at = this.#options.clock.now();
    const listening = this.#isListening();
    this.#apply({ kind: "received", at, damaged: false });
    if (!listening) return this.#ignore(chunk);
    if (this.#port.receive(chunk)) this.#apply({ kind: "received", at, damaged: true });
  }

  /** The transport is gone, or is being closed: what is under way fails. */
  end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#port.close();
    this.#alarm.cancel();
    this.#gap?.cancel();
    this.#release?.cancel();
    if (!this.#flight) return;
    const { startedAt } = this.#flight;
    this.#fail(this.#flight, startedAt === undefined ? NOT_SENT : { kind: "lineLost", reason });
  }

  #ask(flight: Flight): void {
    const { unit } = flight.pending.transaction;
    const { request } = flight.progress;
    const { localEcho, counters } = this.#options;
    try {
      invariant(unit !== BROADCAST || isBroadcastable(request.fc), `function ${request.fc} cannot be broadcast`);
      counters.requested(unit);
      this.#port.expect(unit === BROADCAST ? undefined : { length: knownLength(request), localEcho });
      this.#client.ask(flight.slot, unit, request, (result) => this.#heard(flight, result));
    } catch (error) {
      this.#abandon(flight, error);
    }
  }

  /** Called by the port while a request is being asked. */
  #transmit(frame: Buffer): void {
    const { clock, counters, listener, timing, transport } = this.#options;
    const flight = this.#flight;
    invariant(flight !== undefined, "a frame without a transaction");
    this.#sortOutIgnored();
    if (this.#over) return;
    const clear = clearAt(this.#wire, timing);
    if (clear === undefined || between(clear, clock.now()) > SEEN) transport.discardInput();
    const at = clock.now();
    flight.startedAt = at;
    counters.busy(true, at);
    listener.sent(frame, at);
    this.#apply({ kind: "transmitting", at, duration: ms(frame.length * timing.character) });
    const { progress } = flight;
    transport.write(frame).then(
      (sentAt) => this.#sent(flight, progress, sentAt),
      (error: unknown) => this.#break(errorMessage(error)),
    );
  }

  #sent(flight: Flight, progress: TransactionProgress, sentAt: Instant): void {
    if (this.#over) return;
    if (flight.progress === progress) flight.sentAt = sentAt;
    const broadcast = flight.pending.transaction.unit === BROADCAST;
    const deadline = broadcast ? undefined : plus(sentAt, this.#patience(flight));
    this.#apply({ kind: "sent", at: sentAt, now: this.#options.clock.now(), deadline });
    this.#goOn();
  }

  /** From the request's last byte to when its answer must be complete: its time on the wire, and the unit's. */
  #patience({ pending, progress }: Flight): Ms {
    const { character, forwarding } = this.#options.timing;
    return ms(answerLength(progress.request) * character + forwarding + pending.transaction.responseTimeout);
  }

  /** The unit's checked answer, or its exception. Must not throw: modbus-serial would call again. */
  #heard(flight: Flight, result: Result<Answer, Failure>): void {
    if (this.#flight !== flight || flight.startedAt === undefined) return;
    const now = this.#options.clock.now();
    const { unit } = flight.pending.transaction;
    this.#trust = nextTrust(this.#trust, { kind: "answered", unit, at: now });
    this.#apply({ kind: "answered", at: now });
    if (!result.ok) return this.#fail(flight, result.failure);
    this.#options.counters.answered(unit, between(flight.startedAt, now), this.#turnaround(flight, now));
    try {
      this.#proceed(flight, result.value);
    } catch (error) {
      this.#abandon(flight, error);
    }
  }

  /** What is left of the wait for an answer when its time on the wire is taken off. */
  #turnaround({ sentAt, progress }: Flight, now: Instant): Ms | undefined {
    if (sentAt === undefined) return undefined;
    return ms(Math.max(0, between(sentAt, now) - answerLength(progress.request) * this.#options.timing.character));
  }

  #proceed(flight: Flight, part: Answer): void {
    const advanced = flight.advance(part, this.#port.continuesAt);
    if (this.#flight !== flight) return;
    if (!advanced.ok) return this.#fail(flight, advanced.failure);
    const { answer, next } = advanced.value;
    if (next === undefined) return this.#complete(flight, answer);
    if (next === "too late") return this.#passOver(flight);
    flight.goOn(next);
    this.#goOn();
  }

  #passOver(flight: Flight): void {
    flight.passOver();
    this.#fail(flight, { kind: "notSent", reason: "too late" });
  }

  /** The line may be silent now: the next step of the transaction, or the next transaction. */
  #goOn(): void {
    const clear = clearAt(this.#wire, this.#options.timing);
    if (this.#over || clear === undefined) return;
    if (!this.#flight) return this.#options.ready();
    if (this.#flight.startedAt !== undefined) return;
    if (clear <= this.#options.clock.now()) this.#ask(this.#flight);
    else this.#awaitGap(clear);
  }

  #awaitGap(clear: Instant): void {
    this.#gap?.cancel();
    this.#gap = this.#options.wait("frame gap", clear, () => this.#goOn());
  }

  #complete(flight: Flight, answer: Answer): void {
    const now = this.#options.clock.now();
    const sentAt = flight.sentAt ?? flight.startedAt ?? now;
    this.#free(now);
    flight.complete(answer, sentAt < now ? sentAt : now, now);
    this.#options.settled(flight.pending);
  }

  #fail(flight: Flight, failure: Failure): void {
    this.#free(this.#options.clock.now());
    flight.fail(failure);
    this.#options.settled(flight.pending);
  }

  /** A bug of ours or of who asked: the transaction is rejected, and the line lives on. */
  #abandon(flight: Flight, error: unknown): void {
    if (this.#flight !== flight) return;
    this.#free(this.#options.clock.now());
    this.#port.giveUp();
    flight.reject(error);
    this.#options.settled(flight.pending);
  }

  #free(now: Instant): void {
    this.#flight = undefined;
    this.#options.counters.busy(false, now);
  }

  #ring(now: Instant): void {
    const alarm = wireAlarm(this.#wire, this.#options.timing);
    if (this.#over || !alarm || alarm.at > now) return;
    switch (alarm.meaning) {
      case "stuck":
        return this.#break("the port does not take what is sent");
      case "jammed":
        return this.#break("somebody talks without end on the line");
      case "timeout":
      case "damaged":
        return this.#giveUp(now, alarm.meaning);
      case "settled":
        return this.#silent();
    }
  }

  /** What was waited out is over. */
  #silent(): void {
    const { state } = this.#wire;
    this.#sortOutIgnored();
    if (this.#over) return;
    this.#apply({ kind: "settled" });
    if (state === "turnaround" && this.#flight) this.#complete(this.#flight, { kind: "written" });
    else this.#goOn();
  }

  /** The answer did not come, or came damaged. */
  #giveUp(now: Instant, meaning: "timeout" | "damaged"): void {
    const flight = this.#flight;
    if (flight?.startedAt === undefined) return;
    const { held, echoes } = this.#port.giveUp();
    if (echoes > 0) this.#options.listener.echoed(flight.progress.request.fc, true);
    const { noise } = this.#options.listener.bystanders(held, now);
    const after = between(flight.sentAt ?? flight.startedAt, now);
    if (meaning === "damaged") return this.#lose({ kind: "damaged", reason: "wrong check sum" });
    if (noise > 0) return this.#lose({ kind: "damaged", reason: `${noise} bytes that make no frame` });
    const { unit } = flight.pending.transaction;
    const { fc } = flight.progress.request;
    const event = { kind: "timeout", unit, write: isWrite(fc), sentAt: flight.startedAt } as const;
    this.#trust = nextTrust(this.#trust, event);
    const reset = this.#options.mustReset(this.#trust, event);
    this.#lose({ kind: "timeout", after });
    if (reset) this.#break(event.write ? `unit ${unit} left a write unanswered` : "no unit answers");
  }

  /** Fails what is under way, although its answer may still come: the line is drained, and the unit left alone. */
  #lose(failure: Failure): void {
    const flight = this.#flight;
    if (!flight) return;
    const { clock, quarantine } = this.#options;
    const { unit, responseTimeout } = flight.pending.transaction;
    const now = clock.now();
    quarantine.add(unit, plus(now, ms(QUARANTINE_TIMEOUTS * responseTimeout)));
    this.#apply({ kind: "failed", at: now });
    this.#fail(flight, failure);
  }

  #isListening(): boolean {
    if (this.#wire.state === "awaiting") return true;
    return this.#wire.state === "sending" && this.#wire.then === "listen";
  }

  #ignore(chunk: Buffer): void {
    this.#ignored = Buffer.concat([this.#ignored, chunk.subarray(0, MOST_IGNORED - this.#ignored.length)]);
  }

  #sortOut(frame: Buffer, verdict: string, before: Buffer, after: Buffer): void {
    const { clock, listener } = this.#options;
    const now = clock.now();
    if (before.length > 0) listener.bystanders(before, now);
    listener.received(frame, now, verdict);
    if (after.length > 0) this.#ignore(after);
  }

  #sortOutIgnored(): void {
    const { clock, listener } = this.#options;
    if (this.#ignored.length > 0) listener.bystanders(this.#ignored, clock.now());
    this.#ignored = NOTHING;
    if (listener.strangerHeard) this.#break("another master talks on the line");
  }

  #apply(event: RtuWireEvent): void {
    this.#wire = nextWire(this.#wire, event, this.#options.timing);
    if (this.#over) return;
    const alarm = wireAlarm(this.#wire, this.#options.timing);
    if (alarm) this.#alarm.expect(alarm.at);
  }

  /** Who owns the transport stops using this session, and then ends it. */
  #break(reason: string): void {
    if (this.#over) return;
    this.#options.broken(reason);
    invariant(this.#over, "a broken session goes on");
  }
}

const NOT_SENT: Failure = { kind: "notSent", reason: "line down" };

/** Length of the answer as a frame, where the request determines it. */
function knownLength(request: Request): number | undefined {
  return request.fc === 17 || request.fc === 43 ? undefined : answerLength(request);
}
