import type { Line } from "../../bus/line/line.ts";
import type { AcknowledgeRequest } from "../../alarm/alarm-status.ts";
import type { Alarms } from "../../alarm/alarms.ts";
import type { CommandExecutor } from "../../command/executor.ts";
import { unitFinding } from "../../config/plant/device-on-line.ts";
import type { Plant } from "../../config/plant/plant.ts";
import { formatLocation } from "../../device/location.ts";
import { type Claim, DEFAULT_ROLE, mayAct, type Role } from "../../device/role.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import type { JobPools } from "../../job/job-pools.ts";
import type { JobDecision, JobSubmission } from "../../job/job-request.ts";
import type { Clock } from "../../kit/clock.ts";
import { unreachable } from "../../kit/invariant.ts";
import type { Logger } from "../../kit/logger.ts";
import { err, ok } from "../../kit/result.ts";
import type { Scope } from "../../kit/scope.ts";
import { between } from "../../kit/time.ts";
import type { LinkJournal } from "../../link/link-journal.ts";
import type { AccessFailure, AccessOutcome, ServiceRequest } from "../../link/messages.ts";
import type { FromOffice, ScanEnd } from "../../link/scan-end.ts";
import { isWrite } from "../../modbus/function-code.ts";
import type { ScanEngine } from "../../scan/engine.ts";
import type { BrokerWatch } from "./broker-watch.ts";
import type { LineTraces } from "./line-traces.ts";
import { outputTouched } from "./output-touched.ts";

export interface InboxOptions {
  readonly entries: readonly TagEntry[];
  readonly link: ScanEnd;
  readonly engine: ScanEngine;
  readonly executor: CommandExecutor;
  readonly alarms: Alarms;
  readonly jobs: JobPools;
  readonly journal: LinkJournal;
  readonly plant: Plant;
  readonly lines: ReadonlyMap<string, Line>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly readOnly: boolean;
  /** Of whoever asks. */
  readonly roleOf: (claim: Claim) => Role;
  readonly traces: LineTraces;
  readonly broker: BrokerWatch;
  /** Owns the requests under way. */
  readonly scope: Scope;
}

type Access = FromOffice & { readonly kind: "access" };

/** What the office asks of the scan, taken in once per cycle. */
export class Inbox {
  readonly #options: InboxOptions;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  empty(): void {
    for (const message of this.#options.link.receive()) this.#take(message);
  }

  /** Answers what still lies in the link when nothing is begun any more; commands are turned away by the closed outputs. */
  refuse(): void {
    const { link } = this.#options;
    for (const message of link.receive()) {
      if (message.kind === "access")
        link.accessed(message.access, err({ kind: "denied", reason: "the master is stopping" }));
      else if (message.kind !== "service") this.#take(message);
    }
  }

  #take(message: FromOffice): void {
    const { executor, link } = this.#options;
    switch (message.kind) {
      case "command":
        return executor.accept(message.command);
      case "broker":
        return this.#options.broker.heard(message.up, this.#options.clock.now());
      case "cancel":
        if (this.#may("operator", "cancel", message.cancel)) executor.cancel(message.cancel);
        return;
      case "submit":
        return this.#submit(message.submission);
      case "decide":
        return this.#decide(message.decision);
      case "jobsRead":
        return this.#options.journal.read(message.changes);
      case "jobsStored":
        return this.#options.journal.settled(message.append, message.refusal);
      case "service":
        return this.#may("engineer", "service", message) ? this.#service(message) : undefined;
      case "acknowledge":
        return this.#may("operator", "ack", message) ? this.#acknowledge(message) : undefined;
      case "access":
        this.#options.scope.own(this.#access(message).then((outcome) => link.accessed(message.access, outcome)));
        return;
      case "trace":
        return link.traced(message.trace, this.#options.traces.take(message.line));
      default:
        return unreachable(message);
    }
  }

  /** Whether who asks may; said where he may not. */
  #may(needs: Role, what: string, asked: Claim & { readonly device: string }): boolean {
    const { link, logger, clock, roleOf } = this.#options;
    const { device, origin } = asked;
    const has = roleOf(asked);
    if (mayAct(has, needs)) return true;
    const fields = { what, device, origin, needs, has };
    logger.warn("request.denied", fields);
    link.event({ event: "request.denied", at: clock.now(), fields });
    return false;
  }

  #submit(submission: JobSubmission): void {
    const { jobs, link } = this.#options;
    const reason = this.#jobsDenied(submission);
    if (reason === undefined) return jobs.submit(submission);
    const { pool, id, replyTo } = submission;
    const awaited = jobs.isOpen(pool, id) ? { awaited: true as const } : {};
    link.jobAnswer({ pool, id, to: "order", replyTo, outcome: "rejected", reason, ...awaited });
  }

  #decide(decision: JobDecision): void {
    const { jobs, link } = this.#options;
    const reason = this.#jobsDenied(decision);
    if (reason === undefined) return jobs.decide(decision);
    const { pool, id, replyTo } = decision;
    link.jobAnswer({ pool, id, to: "decision", replyTo, outcome: "rejected", reason });
  }

  /** Orders and decisions come over MQTT alone; the origin of a decision is the name of who decided. */
  #jobsDenied({ role }: Pick<Claim, "role">): string | undefined {
    const has = this.#options.roleOf({ origin: "mqtt", role });
    return mayAct(has, DEFAULT_ROLE) ? undefined : `needs the role ${DEFAULT_ROLE}; what comes by mqtt has ${has}`;
  }

  #service({ device, enabled, origin, sendBy }: ServiceRequest): void {
    const { engine, logger, clock } = this.#options;
    if (clock.now() > sendBy) return logger.warn("device.serviceExpired", { device, enabled, origin });
    logger.info("device.service", { device, enabled, origin });
    engine.setService(device, enabled);
  }

  #acknowledge(request: AcknowledgeRequest): void {
    const { alarms, logger, clock } = this.#options;
    const { device, by, origin } = request;
    const late = clock.now() > request.sendBy;
    const acknowledged = late ? 0 : alarms.acknowledge(request);
    logger.info("alarm.acknowledge", { device, alarms: request.alarms?.join(", "), by, origin, late, acknowledged });
  }

  /** Outputs of devices out of service are nobody's: they may be written raw, for commissioning. */
  #inService(line: string): readonly TagEntry[] {
    const { entries, engine } = this.#options;
    return entries.filter(({ device }) => device.line === line && engine.status(device.name)?.status !== "disabled");
  }

  async #access({ line: name, unit, request, timeout, sendBy }: Access): Promise<AccessOutcome> {
    const { lines, plant, clock, readOnly, logger } = this.#options;
    const line = lines.get(name);
    const misplaced = unitFinding(unit, plant.lines.get(name));
    if (misplaced) return denied(misplaced.message);
    if (!line) return denied(`unknown line "${name}"`);
    const writes = isWrite(request.fc);
    if (writes && readOnly) return denied("this master runs read-only");
    if (writes && !mayAct(this.#options.roleOf({ origin: "cli" }), "engineer"))
      return denied("raw writes need the role engineer (setting roles.cli)");
    const output = outputTouched(this.#inService(name), unit, request);
    if (output) return denied(gateReason(output));
    if (line.state.state === "down") return err({ kind: "unreachable", reason: line.state.reason });
    const address = "address" in request ? request.address : undefined;
    if (writes) logger.info("access.write", { line: name, unit, fc: request.fc, address });
    const asked = clock.now();
    const lane = writes ? "write" : "slack";
    const settled = await line.send({ unit, request, responseTimeout: timeout, lane, sendBy });
    if (!settled.ok) return err(settled.failure.failure);
    return ok({ answer: settled.value.answer, took: between(asked, settled.value.answeredAt) });
  }
}

function gateReason({ device, tag }: TagEntry): string {
  const where = `${formatLocation(tag.at)} is ${tag.name} of ${device.name}, an output of the running plant`;
  return `${where}: command it (cmd/set), or take ${device.name} out of service first (cmd/service)`;
}

function denied(reason: string): { readonly ok: false; readonly failure: AccessFailure } {
  return err({ kind: "denied", reason });
}
