import type { Line, Overheard } from "../../bus/line/line.ts";
import type { Device } from "../../device/profile.ts";
import type { LogFields } from "../../kit/logger.ts";
import { unreachable } from "../../kit/invariant.ts";
import type { Instant } from "../../kit/time.ts";
import { type Heard, type LineDiagnosis, type LineFinding, newDiagnosis, nextDiagnosis } from "./line-diagnosis.ts";

import { StrangerWatch } from "./stranger-watch.ts";

export interface LineWatchOptions {
  readonly lines: readonly Line[];
  readonly devices: readonly Device[];
  readonly now: () => Instant;
  /** Lines with a serial wire, by name, and how its characters travel. */
  readonly wires: ReadonlyMap<string, string>;
  /** Something changed that people should know. */
  readonly tell: (event: string, fields: LogFields) => void;
  /** The same; the line has logged it already. */
  readonly publish: (event: string, fields: LogFields) => void;
}

const HINTS: Readonly<Record<LineFinding, string>> = {
  garbled: "baud rate, parity or stop bits may differ from the devices', or the wire is disturbed",
  silent:
    "nobody answers: is the right port open, are A and B the right way round, is there power, do baud rate and parity fit?",
};

const FOREIGN_HINT = "another master asks on this wire, and there can be only one: nothing is sent while it talks";
const ECHO_HINT = "the adapter hears what it sends: localEcho: true for this line, or switch its echo off";

/** Watches the lines themselves: their ups and downs, and on serial wires what ails the wire rather than a unit. */
export class LineWatch {
  readonly #options: LineWatchOptions;
  readonly #diagnoses = new Map<string, LineDiagnosis>();
  readonly #down = new Map<Line, string>();
  readonly #wasUp = new Set<Line>();
  readonly #strangers = new Map<Line, StrangerWatch>();

  constructor(options: LineWatchOptions) {
    this.#options = options;
    for (const line of options.wires.keys()) this.#diagnoses.set(line, this.#afresh(line));
    for (const line of options.lines) {
      this.#strangers.set(line, new StrangerWatch());
      line.overheard.on((what) => this.#overheard(line, what));
    }
  }

  /** Whether two slaves may answer to this device's unit: nothing is written to it that nobody asked for. */
  isSuspected({ line, unit }: Device): boolean {
    return this.#diagnoses.get(line)?.suspected.has(unit) === true;
  }

  /** What came of a request to a unit. */
  heard(line: string, unit: number, heard: Heard): void {
    const before = this.#diagnoses.get(line);
    if (!before) return;
    const after = nextDiagnosis(before, unit, heard);
    this.#diagnoses.set(line, after);
    if (after.finding !== before.finding) this.#tellFinding(line, before.finding, after.finding);
    if (after.suspected !== before.suspected) this.#tellSuspicion(line, unit, after.suspected.has(unit));
  }

  /** Tells what became of the lines since the last call. */
  step(): void {
    for (const line of this.#options.lines) {
      if (this.#strangers.get(line)?.isGone(this.#options.now()) === true)
        this.#options.tell("line.foreignTrafficOver", { line: line.name });
      const { state } = line;
      const before = this.#down.get(line);
      if (state.state === "up") {
        if (before !== undefined) this.#options.publish("line.up", { line: line.name });
        this.#down.delete(line);
        this.#wasUp.add(line);
      } else if ((state.attempt > 0 || this.#wasUp.has(line)) && state.reason !== before) {
        this.#down.set(line, state.reason);
        this.#options.publish("line.down", { line: line.name, reason: state.reason });
        if (this.#diagnoses.has(line.name)) this.#diagnoses.set(line.name, this.#afresh(line.name));
      }
    }
  }

  #overheard(line: Line, what: Overheard): void {
    switch (what.kind) {
      case "foreignQuestion":
        if (this.#strangers.get(line)?.heard(this.#options.now()) === true)
          this.#options.tell("line.foreignTraffic", { line: line.name, unit: what.unit, hint: FOREIGN_HINT });
        return;
      case "secondAnswer":
        return this.heard(line.name, what.unit, "doubled");
      case "echo":
        if (what.present) return this.#options.tell("line.echo", { line: line.name, hint: ECHO_HINT });
        return this.#options.tell("line.echoOver", { line: line.name });
      default:
        return unreachable(what);
    }
  }

  /** What was found stands until something is heard that speaks against it. */
  #afresh(line: string): LineDiagnosis {
    const { suspected = new Set<number>(), finding } = this.#diagnoses.get(line) ?? {};
    const units = this.#options.devices.filter((device) => device.line === line && !device.disabled);
    return { ...newDiagnosis(units.map(({ unit }) => unit)), suspected, finding };
  }

  #tellFinding(line: string, before: LineFinding | undefined, after: LineFinding | undefined): void {
    const format = this.#options.wires.get(line);
    if (after) this.#options.tell(`line.${after}`, { line, format, hint: HINTS[after] });
    else this.#options.tell("line.understood", { line, after: before });
  }

  #tellSuspicion(line: string, unit: number, suspected: boolean): void {
    const devices = this.#options.devices.filter((device) => device.line === line && device.unit === unit);
    const fields = { line, unit, device: devices.map(({ name }) => name).join(", ") };
    if (!suspected) this.#options.tell("unit.duplicateCleared", fields);
    else {
      const hint =
        "its answers alone are damaged or come twice: two slaves with this unit number, or a bad connection to one";
      this.#options.tell("unit.duplicateSuspected", { ...fields, hint });
    }
  }
}
