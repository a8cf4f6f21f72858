import { Socket } from "node:net";
import { connect, type IConnackPacket, type IPublishPacket, type MqttClient } from "mqtt";
import { type BackoffLimits, fullJitter } from "../../kit/backoff.ts";
import type { Clock, Timer } from "../../kit/clock.ts";
import type { Random } from "../../kit/random.ts";
import { Signal } from "../../kit/signal.ts";
import { type Instant, type Ms, ms } from "../../kit/time.ts";
import type { BrokerState, Leaving, Publication, Received, SessionBroker } from "./broker.ts";
import { type BrokerLimits, brokerLimits } from "./broker-limits.ts";
import { asBuffer, type BrokerOptions, clientOptions, HANDSHAKE_TIME, type WillLimits } from "./client-options.ts";
import { disconnectReason } from "./disconnect-reason.ts";
import { packetSizeGuard } from "./packet-size-guard.ts";
import {
  type AttemptEnd,
  FIRST_CHOICE,
  nextProtocol,
  type ProtocolChoice,
  type ProtocolVersion,
} from "./protocol-choice.ts";

export interface BrokerDependencies {
  readonly clock: Clock;
  readonly random: Random;
}

/** From leaving a server to the end of the connection. */
const LEAVING_TIME = ms(1000);
/** From one acknowledgement to the next, while any is owed. */
const ACKNOWLEDGEMENT_TIME = ms(15_000);
const BACKOFF: BackoffLimits = { first: ms(200), most: ms(15_000) };
/** A connection that lived so long starts the back-off anew. */
const STEADY_AFTER = ms(5000);
/** So many that lived shorter than that, one after the other, look like another client with the same id. */
const BRIEF_IN_A_ROW = 3;
/** How often it is looked whether we are awake. */
const LOOK_EVERY = ms(100);
/** Looks so far apart say that this process stood still: nobody knows how old what lies in the socket's buffer is. */
const SLEPT = ms(1000);

interface Attempt {
  readonly client: MqttClient;
  readonly version: ProtocolVersion;
  readonly deadline: Timer;
  opened: boolean;
  readyAt: number | undefined;
  limits: BrokerLimits;
  /** Publications the broker has not acknowledged, and until when it has to acknowledge the next. */
  unacknowledged: number;
  patience: Timer | undefined;
  /** Who waits for the next ping, and for the answer to each that is under way. */
  asking: (() => void)[];
  readonly pings: (() => void)[][];
}

/** DISCONNECT after which the broker publishes the will (MQTT 5.0, 3.14.2.1). */
const DISCONNECT_WITH_WILL = 0x04;

/** A connection that is made again for ever. One mqtt.js client lives for one attempt and keeps nothing for the next. */
export class BrokerConnection implements SessionBroker<string | Uint8Array> {
  readonly changes = new Signal<BrokerState>();
  readonly received = new Signal<Received>();
  readonly #options: BrokerOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  #attempt: Attempt | undefined;
  #retry: Timer | undefined;
  #watch: Timer | undefined;
  #awakeAt: Instant;
  #failures = 0;
  /** Connections that were up and did not last, one after the other. */
  #brief = 0;
  readonly #servers: readonly string[];
  readonly #choices: ProtocolChoice[] = [];
  #server = 0;
  #leaving: Promise<void> | undefined;
  /** What the broker takes of a will; it says so by refusing the connection. */
  #will: WillLimits = { qos: 1, retain: true };
  #ready = false;
  #closing = false;

  constructor(options: BrokerOptions, { clock, random }: BrokerDependencies) {
    this.#options = options;
    this.#servers = [options.url, ...(options.alternatives ?? [])];
    this.#clock = clock;
    this.#random = random;
    this.#awakeAt = clock.now();
  }

  open(): void {
    if (this.#closing || this.#attempt) return;
    this.#awakeAt = this.#clock.now();
    this.#watch ??= this.#clock.every("broker.awake", LOOK_EVERY, () => this.#lookAwake());
    this.#connect();
  }

  publish(
    { topic, payload, qos, retain, correlationData }: Publication<string | Uint8Array>,
    settled: (accepted: boolean) => void,
  ): void {
    const attempt = this.#attempt;
    if (!attempt || !this.#ready) return;
    const properties = correlationData ? { properties: { correlationData: Buffer.from(correlationData) } } : {};
    const { maximumQos, retainAvailable } = attempt.limits;
    const how = { qos: maximumQos === 0 ? maximumQos : qos, retain: retain && retainAvailable };
    attempt.unacknowledged++;
    attempt.patience ??= this.#expectAcknowledgement(attempt);
    attempt.client.publish(topic, asBuffer(payload), { ...how, ...properties }, (error) => {
      // mqtt.js ends what is under way before it says that the connection has ended: whether the broker has it nobody knows.
      if (attempt !== this.#attempt || (error && !isRefusal(error))) return;
      attempt.unacknowledged--;
      attempt.patience?.cancel();
      attempt.patience = attempt.unacknowledged > 0 ? this.#expectAcknowledgement(attempt) : undefined;
      settled(!error);
    });
  }

  /** A broker reads one packet after the other: when it answers a ping, it has what was sent before. */
  confirm(arrived: () => void): void {
    const attempt = this.#attempt;
    if (!attempt || !this.#ready) return;
    attempt.asking.push(arrived);
    attempt.client.sendPing();
  }

  /** Ends a connection that we slept on. Asked before everything that is read, which may come before the timer. */
  #lookAwake(): void {
    const now = this.#clock.now();
    const slept = now - this.#awakeAt > SLEPT;
    this.#awakeAt = now;
    const attempt = this.#attempt;
    if (slept && attempt && this.#ready)
      this.#lost(attempt, { kind: "connected", version: attempt.version }, "this process stood still");
  }

  /** A broker that answers pings and acknowledges nothing would hold up every answer for ever. */
  #expectAcknowledgement(attempt: Attempt): Timer {
    return this.#clock.after("broker.acknowledgement", ACKNOWLEDGEMENT_TIME, () =>
      this.#lost(attempt, { kind: "connected", version: attempt.version }, "the broker acknowledges nothing"),
    );
  }

  /** Ends in order: what was published is given `deadline` to be acknowledged. Nothing is tried afterwards. */
  async close(deadline: Ms): Promise<void> {
    this.#closing = true;
    this.#retry?.cancel();
    this.#watch?.cancel();
    await this.#leaving;
    if (this.#attempt) await this.#end(this.#attempt, deadline);
  }

  /** Ends the session in order and begins another one, with the next of several servers; nothing while there is none. */
  leave({ atOnce }: Leaving): void {
    const attempt = this.#attempt;
    if (!attempt || !this.#ready) return;
    this.#leaving = this.#end(attempt, LEAVING_TIME).then(() => {
      this.#leaving = undefined;
      this.#walk();
      if (this.#closing) return;
      if (atOnce) this.#connect();
      else this.#connectLater(++this.#failures);
    });
    this.changes.emit({ state: "down", reason: "left", attempt: this.#failures });
  }

  /** At most one server is connected at a time, so the end of a connection is waited for. */
  #end(attempt: Attempt, deadline: Ms): Promise<void> {
    const ready = this.#ready;
    this.#attempt = undefined;
    this.#ready = false;
    attempt.deadline.cancel();
    attempt.patience?.cancel();
    const packet =
      this.#options.willAlways === true && attempt.version === 5 ? { reasonCode: DISCONNECT_WITH_WILL } : {};
    return new Promise<void>((resolve) => {
      const timer = this.#clock.after("broker.close", deadline, () => {
        attempt.client.end(true);
        resolve();
      });
      attempt.client.end(!ready, packet, () => {
        timer.cancel();
        resolve();
      });
    });
  }

  get #choice(): ProtocolChoice {
    return this.#choices[this.#server] ?? FIRST_CHOICE;
  }

  set #choice(choice: ProtocolChoice) {
    this.#choices[this.#server] = choice;
  }

  #walk(): void {
    this.#server = (this.#server + 1) % this.#servers.length;
  }

  #connectLater(failures: number): void {
    const pause = fullJitter(failures, BACKOFF, this.#random);
    this.#retry = this.#clock.after("broker.retry", pause, () => this.#connect());
  }

  #connect(): void {
    const version = this.#choice.version;
    const client = connect(
      this.#servers[this.#server] ?? this.#options.url,
      clientOptions(this.#options, version, this.#will),
    );
    // Else the kernel keeps an outcome back while the acknowledgement of its command is on its way: 40 ms.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    const deadline = this.#clock.after("broker.handshake", HANDSHAKE_TIME, () =>
      this.#lost(attempt, { kind: "failed" }, "no answer from the broker"),
    );
    const attempt: Attempt = {
      client,
      version,
      deadline,
      opened: false,
      readyAt: undefined,
      limits: brokerLimits({}),
      unacknowledged: 0,
      patience: undefined,
      asking: [],
      pings: [],
    };
    this.#attempt = attempt;
    this.#noticeConnect(client);
    const guard = packetSizeGuard(this.#options.maximumPacket);
    client.stream.on("data", (chunk: Uint8Array) => {
      attempt.opened = true;
      if (!guard(chunk)) this.#lost(attempt, { kind: "connected", version }, "a packet beyond the size limit");
    });
    client.stream.once("connect", () => (attempt.opened = true));
    client.on("packetsend", ({ cmd }) => {
      if (cmd === "pingreq") attempt.pings.push(attempt.asking.splice(0));
    });
    client.on("packetreceive", ({ cmd }) => {
      if (cmd !== "pingresp" || attempt !== this.#attempt) return;
      for (const arrived of attempt.pings.shift() ?? []) arrived();
    });
    client.on("connect", (connack) => this.#subscribe(attempt, connack));
    client.on("message", (_topic, _payload, packet) => this.#deliver(attempt, packet));
    client.on("error", (error) => {
      this.#will = { ...this.#will, ...willLimits(error) };
      this.#lost(attempt, endOf(error, version), reasonOf(error));
    });
    client.on("disconnect", ({ reasonCode }) => {
      const reason = disconnectReason(reasonCode, this.#options.clientId);
      if (reason !== undefined) this.#lost(attempt, this.#endOfClose(attempt), reason);
    });
    client.on("close", () => this.#lost(attempt, this.#endOfClose(attempt), this.#closeReason(attempt)));
  }

  /** mqtt.js hands the CONNECT to a stream that may never open: it is under way once the stream is through. */
  #noticeConnect(client: MqttClient): void {
    let sent = false;
    const notice = (): void => {
      if (!sent) this.#options.connectSent?.();
      sent = true;
    };
    client.stream.once(client.options.protocol === "mqtts" ? "secureConnect" : "connect", notice);
    client.stream.once("data", notice);
  }

  #endOfClose({ opened, version }: Attempt): AttemptEnd {
    if (this.#ready) return { kind: "connected", version };
    return opened ? { kind: "hungUp", version } : { kind: "failed" };
  }

  #subscribe(attempt: Attempt, connack: IConnackPacket): void {
    if (attempt !== this.#attempt) return;
    attempt.limits = brokerLimits(connack);
    const retained = this.#options.wantsRetained;
    const topics = Object.fromEntries(
      this.#options.subscriptions.map((filter) => [filter, { qos: 1 as const, rap: true, rh: retained ? 0 : 2 }]),
    );
    attempt.client.subscribe(topics, (error) => {
      if (attempt !== this.#attempt) return;
      if (error)
        this.#lost(attempt, { kind: "connected", version: attempt.version }, `no subscription: ${error.message}`);
      else this.#up(attempt);
    });
  }

  #up(attempt: Attempt): void {
    attempt.deadline.cancel();
    attempt.readyAt = this.#clock.now();
    this.#ready = true;
    this.#choice = nextProtocol(this.#choice, { kind: "connected", version: attempt.version }, this.#clock.now());
    const { window, maximumPacket } = attempt.limits;
    this.changes.emit({ state: "up", version: attempt.version, window, maximumPacket });
  }

  #deliver(attempt: Attempt, packet: IPublishPacket): void {
    this.#lookAwake();
    if (attempt !== this.#attempt) return;
    const { topic, payload, retain, properties } = packet;
    this.received.emit({
      topic,
      payload: typeof payload === "string" ? Buffer.from(payload) : payload,
      retained: retain,
      expiry: properties?.messageExpiryInterval,
      responseTopic: properties?.responseTopic,
      correlationData: properties?.correlationData,
    });
  }

  #wasSteady({ readyAt }: Attempt): boolean {
    return readyAt !== undefined && this.#clock.now() - readyAt >= STEADY_AFTER;
  }

  /** Of a broker that says nothing, as every one with 3.1.1, and mosquitto 2.0 with 5, where a session is taken over. */
  #closeReason(attempt: Attempt): string {
    const closed = "the connection was closed";
    const again = attempt.readyAt !== undefined && !this.#wasSteady(attempt) && this.#brief + 1 >= BRIEF_IN_A_ROW;
    return again
      ? `${closed}, as those before, soon after it was made: does another client use the id "${this.#options.clientId}"? (mqtt.clientId)`
      : closed;
  }

  #lost(attempt: Attempt, end: AttemptEnd, reason: string): void {
    if (attempt !== this.#attempt) return;
    this.#attempt = undefined;
    this.#ready = false;
    attempt.deadline.cancel();
    attempt.patience?.cancel();
    attempt.client.end(true);
    const before = this.#choice.version;
    this.#choice = nextProtocol(this.#choice, end, this.#clock.now());
    if (end.kind === "versionRefused" && before === 5) return this.#connect();
    const steady = this.#wasSteady(attempt);
    this.#failures = steady ? 1 : this.#failures + 1;
    if (attempt.readyAt !== undefined) this.#brief = steady ? 0 : this.#brief + 1;
    this.changes.emit({ state: "down", reason, attempt: this.#failures });
    // One that wants another version is tried again first.
    if (this.#choice.version === before) this.#walk();
    this.#connectLater(this.#failures);
  }
}

/** A PUBACK with a reason (MQTT 5.0, 3.4.2.1); an end of the connection has none. */
function isRefusal(error: Error): boolean {
  return "code" in error && typeof error.code === "number";
}

/** An AggregateError (no address of a host answered) has a code and no message. */
function reasonOf(error: Error): string {
  if (error.message !== "") return error.message;
  return "code" in error ? String(error.code) : error.name;
}

/** CONNACK codes that mean "not this version": 1 in MQTT 3.1.1 (3.2.2.3), 0x84 in MQTT 5 (3.2.2.2). */
const VERSION_REFUSED: readonly unknown[] = [1, 0x84];

function endOf(error: Error, version: ProtocolVersion): AttemptEnd {
  return "code" in error && VERSION_REFUSED.includes(error.code)
    ? { kind: "versionRefused", version }
    : { kind: "failed" };
}

/** CONNACK codes of a broker that retains nothing, and of one without QoS 1 (MQTT 5.0, 3.2.2.2). */
const RETAIN_NOT_SUPPORTED = 0x9a;
const QOS_NOT_SUPPORTED = 0x9b;

function willLimits(error: Error): Partial<WillLimits> {
  const code = "code" in error ? error.code : undefined;
  if (code === RETAIN_NOT_SUPPORTED) return { retain: false };
  return code === QOS_NOT_SUPPORTED ? { qos: 0 } : {};
}
