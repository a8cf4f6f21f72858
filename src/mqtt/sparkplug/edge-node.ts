import type { CommandResult } from "../../command/command.ts";
import type { DeviceStatus } from "../../device/device-status.ts";
import type { Device } from "../../device/profile.ts";
import type { Clock, Timer } from "../../kit/clock.ts";
import { invariant, unreachable } from "../../kit/invariant.ts";
import type { Logger } from "../../kit/logger.ts";
import { type Instant, instant, type Ms, ms, plus } from "../../kit/time.ts";
import type { PlantStatistics, SampleBatch } from "../../link/messages.ts";
import type { Outbox } from "../../store/outbox.ts";
import type { BrokerState, Leaving, Received, SessionBroker } from "../broker/broker.ts";
import { packetBytes } from "../broker/broker-limits.ts";
import type { GatewayIdentity } from "../gateway-payload.ts";
import { PublishWindow } from "../broker/publish-window.ts";
import { DcmdDesk, type DcmdOutcome, type DcmdOutlet, decodePayload } from "./dcmd-desk.ts";
import type { DeathNumbers } from "./death-number.ts";
import { type Bytes, DueMessages } from "./due-messages.ts";
import { type EdgeAction, type EdgeEvent, UNCONNECTED } from "./edge-state.ts";
import { REBIRTH } from "./encode-payload.ts";
import { parseHostState } from "./host-state.ts";
import { namesAlike } from "./metric-table.ts";
import { nextEdge, nextNumber } from "./next-edge.ts";
import { type EdgeNodeDescriptor, type SparkplugTopics, sparkplugTopics } from "./sparkplug-topics.ts";

export interface EdgeNodeOptions extends EdgeNodeDescriptor {
  /** Only while this host is online anything is said; undefined: it is not waited for anyone. */
  readonly primaryHost: string | undefined;
  /** There are several servers to walk. */
  readonly hasAlternatives: boolean;
  readonly identity: GatewayIdentity;
  /** In the order of the plant. */
  readonly devices: readonly Device[];
  /** Begins the ids of commands; no other life of the node has the same. */
  readonly commandPrefix: string;
  readonly deathNumbers: DeathNumbers;
  /** Keeps data until hosts have them; undefined: what they miss is lost. */
  readonly outbox?: Outbox | undefined;
}

export interface EdgeNodeDependencies {
  readonly broker: SessionBroker<Uint8Array>;
  readonly outlet: DcmdOutlet;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often deferred changes and deadlines are looked after. */
const TICK = ms(50);
/** At a server where the primary host is not heard of, before the next one is tried. */
const PATIENCE = ms(15_000);
/** From one NBIRTH to the next that a host asks for: every host may ask, and each birth is the whole plant. */
const REBIRTH_PAUSE = ms(500);
/** How often the broker is asked whether it has what was told: before any of it would have to be stored. */
const CONFIRM_EVERY = ms(400);
/** Of so many messages it is asked at the next tick: what is not confirmed comes again after a break. */
const MANY = 32;
/** Reasons and topics worth a line. */
const LOGGED = 64;

/** A Sparkplug B edge node: the plant on one side, a broker that may be away or slow on the other (docs/sparkplug.md). */
export class EdgeNode {
  readonly #options: EdgeNodeOptions;
  readonly #topics: SparkplugTopics;
  readonly #broker: SessionBroker<Uint8Array>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #due: DueMessages;
  readonly #desk: DcmdDesk;
  readonly #window: PublishWindow<Uint8Array>;
  readonly #closers: (() => void)[] = [];
  readonly #logged = new Set<string>();
  #state = UNCONNECTED;
  #announced: number | undefined;
  #used: number | undefined;
  #bornAt: Instant | undefined;
  #confirmFrom = instant(0);
  #ticker: Timer | undefined;
  #patience: Timer | undefined;

  constructor(options: EdgeNodeOptions, { broker, outlet, clock, logger }: EdgeNodeDependencies) {
    this.#options = options;
    this.#topics = sparkplugTopics(options, options.primaryHost);
    this.#broker = broker;
    this.#clock = clock;
    this.#logger = logger;
    this.#due = new DueMessages({ ...options, topics: this.#topics, outbox: options.outbox, clock });
    this.#desk = new DcmdDesk({ table: this.#due.table, outlet, prefix: options.commandPrefix });
    this.#window = new PublishWindow<Uint8Array>(broker, clock, {
      next: () => this.#next(),
      tooLarge: (publication) => this.#tooLarge(publication),
      // What was in flight when the session broke is in the births of the next one.
      putBack: () => undefined,
    });
  }

  /** Settles when the numbers of earlier sessions are known; a connection before that would repeat one. */
  async start(): Promise<void> {
    this.#used = await this.#options.deathNumbers.load();
    this.#warnOfNames();
    this.#ticker = this.#clock.every("sparkplug.tick", TICK, () => this.#tick());
    this.#closers.push(this.#broker.changes.on((state) => this.#brokerChanged(state)));
    this.#closers.push(this.#broker.received.on((message) => this.#received(message)));
  }

  /** The last will of the session that is now asked for. */
  will(): Bytes {
    this.#announced = this.#used === undefined ? 0 : nextNumber(this.#used);
    return this.#due.death(this.#announced);
  }

  /** The CONNECT with the newest will is under way: its number is used. */
  connectSent(): void {
    const bdSeq = this.#announced;
    invariant(bdSeq !== undefined, "a connection without a will");
    this.#used = bdSeq;
    this.#options.deathNumbers.save(bdSeq);
    this.#step({ kind: "connecting", bdSeq });
  }

  blocks(blocks: readonly (readonly number[])[]): void {
    this.#due.blocks(blocks);
  }

  samples(batch: SampleBatch): void {
    this.#due.samples(batch, this.#state.born);
    this.#window.pump();
  }

  device({ device, status }: DeviceStatus): void {
    this.#step({ kind: "device", device, present: status === "online" || status === "degraded" });
    this.#window.pump();
  }

  /** False: it is not the outcome of a command that came here. */
  result(result: CommandResult): boolean {
    const outcome = this.#desk.result(result);
    if (outcome) this.#ended(outcome);
    return outcome !== undefined;
  }

  stats(stats: PlantStatistics): void {
    this.#due.stats(stats);
    this.#window.pump();
  }

  /** Tells what is due, as far as the broker takes it within `deadline`, and that the node is gone. */
  async stop(deadline: Ms): Promise<void> {
    this.#ticker?.cancel();
    this.#patience?.cancel();
    if (this.#window.isOpen) await this.#window.flush(deadline);
    this.#step({ kind: "stop" });
    for (const close of this.#closers) close();
  }

  #step(event: EdgeEvent): EdgeAction | undefined {
    const { state, action } = nextEdge(this.#state, event, {
      hasPrimaryHost: this.#options.primaryHost !== undefined,
      hasAlternatives: this.#options.hasAlternatives,
    });
    this.#state = state;
    this.#beImpatient();
    if (action?.kind === "die") this.#die(action.bdSeq, action.next);
    if (action?.kind === "walk") this.#leave({ atOnce: false });
    return action;
  }

  #die(bdSeq: number, next: "atOnce" | "never"): void {
    this.#broker.publish(this.#due.death(bdSeq), () => undefined);
    // At the end the connection is closed by whoever opened it.
    if (next === "atOnce") this.#leave({ atOnce: true });
  }

  #leave(how: Leaving): void {
    this.#window.close();
    this.#broker.leave(how);
  }

  #beImpatient(): void {
    const waits = this.#state.phase === "waiting" && this.#options.hasAlternatives;
    if (!waits) {
      this.#patience?.cancel();
      this.#patience = undefined;
      return;
    }
    this.#patience ??= this.#clock.after("sparkplug.patience", PATIENCE, () => {
      this.#patience = undefined;
      this.#step({ kind: "impatient" });
    });
  }

  #brokerChanged(state: BrokerState): void {
    if (state.state === "down") {
      this.#window.close();
      this.#due.history?.disconnected();
      this.#log(state.reason, () => this.#logger.warn("sparkplug.down", { reason: state.reason }));
      this.#step({ kind: "down" });
      return;
    }
    this.#logged.clear();
    this.#logger.info("sparkplug.up", { version: state.version === 5 ? "5" : "3.1.1" });
    this.#bornAt = undefined;
    this.#step({ kind: "up" });
    this.#due.history?.connected();
    this.#confirmFrom = plus(this.#clock.now(), CONFIRM_EVERY);
    this.#window.open(state);
    this.#window.pump();
  }

  #received(message: Received): void {
    const asked = this.#topics.parse(message.topic);
    switch (asked?.kind) {
      case undefined:
        return;
      case "STATE":
        this.#heardHost(message);
        break;
      case "NCMD":
        if (!message.retained && asksRebirth(message.payload)) this.#step({ kind: "rebirth" });
        break;
      case "DCMD": {
        const rejected = this.#desk.received(asked.device, message, this.#clock.now());
        if (rejected) this.#ended(rejected);
        break;
      }
      default:
        unreachable(asked);
    }
    this.#window.pump();
  }

  #heardHost({ payload }: Received): void {
    const state = parseHostState(payload);
    if (state) this.#step({ kind: "host", ...state });
  }

  #ended(outcome: DcmdOutcome): void {
    this.#due.ended(outcome, this.#state.born);
    this.#window.pump();
  }

  #tick(): void {
    const now = this.#clock.now();
    for (const outcome of this.#desk.overdue(now)) this.#ended(outcome);
    this.#due.tick(now, this.#state.born);
    if (now >= this.#confirmFrom || (this.#due.history?.unconfirmed ?? 0) >= MANY) this.#confirm(now);
    this.#window.pump();
  }

  /** Asks whether what was told has arrived. */
  #confirm(now: Instant): void {
    const entries = this.#due.history?.takeUnconfirmed() ?? [];
    this.#confirmFrom = plus(now, CONFIRM_EVERY);
    if (entries.length > 0) this.#broker.confirm(() => this.#due.history?.confirmed(entries));
  }

  #next(): Bytes | undefined {
    const { nodeBorn } = this.#state;
    if (!nodeBorn && this.#bornAt !== undefined && this.#clock.now() < this.#bornAt + REBIRTH_PAUSE) return undefined;
    const action = this.#step({ kind: "room", due: this.#due.dueData(this.#state.born) });
    if (action?.kind !== "send") return undefined;
    if (action.message.type === "NBIRTH") this.#bornAt = this.#clock.now();
    return this.#due.publication(action.message);
  }

  #tooLarge(publication: Bytes): void {
    const { topic } = publication;
    this.#log(topic, () => this.#logger.error("sparkplug.tooLarge", { topic, bytes: packetBytes(publication) }));
  }

  #warnOfNames(): void {
    const alike = [
      ...namesAlike(this.#options.devices.map(({ name }) => name)),
      ...[...this.#due.table.devices.values()].flatMap((metrics) => namesAlike(metrics.map(({ name }) => name))),
    ];
    for (const name of new Set(alike)) this.#logger.warn("sparkplug.namesAlike", { name });
  }

  /** A line for each, once until the broker is back. */
  #log(what: string, line: () => void): void {
    if (this.#logged.has(what) || this.#logged.size >= LOGGED) return;
    this.#logged.add(what);
    line();
  }
}

/** `Node Control/Rebirth` = true; it has no alias. */
function asksRebirth(payload: Uint8Array): boolean {
  const metrics = decodePayload(payload)?.metrics ?? [];
  return metrics.some(({ name, value }) => name === REBIRTH && value.case === "booleanValue" && value.value);
}
