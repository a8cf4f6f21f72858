import type { Random } from "../../src/kit/random.ts";
import type { TagMemory } from "../memory/tag-memory.ts";
import type { PickStation, PlaceStation } from "../world/world.ts";
import { ArmBody, HOME, type Result, type Task } from "./arm-body.ts";
import { emptyMailbox, judgeMail, type Mail, type RejectReason } from "./arm-mailbox.ts";
import { isReachable, jointsAt, type Point } from "./arm-motion.ts";
import type { Model } from "./model.ts";
import { Thermal } from "./thermal.ts";
import { Watchdog } from "./watchdog.ts";

interface Work {
  readonly task: Task;
  /** The job whose end is reported; undefined for what the arm does without a job. */
  readonly sequence: number | undefined;
}

/** What an arm writes into its own log: who judges a master's jobs asks the arm, not the master. */
export type ArmLogEntry =
  | { readonly kind: "accepted"; readonly epoch: number; readonly sequence: number; readonly command: string }
  | { readonly kind: "ended"; readonly sequence: number; readonly result: string }
  /** What became of a box, by its number. */
  | { readonly kind: "took" | "put" | "dropped"; readonly box: number };

export interface RobotArmOptions {
  readonly memory: TagMemory;
  readonly pickStation: PickStation;
  readonly placeStation: PlaceStation;
  readonly random: Random;
  readonly log?: ((entry: ArmLogEntry) => void) | undefined;
}

/** What the controller of a takt/robot-arm does (docs/devices.md): jobs from its mailbox, or its own program. */
export class RobotArm implements Model {
  readonly #memory: TagMemory;
  readonly #pickStation: PickStation;
  #watchdog: Watchdog;
  readonly #motor: Thermal;
  readonly #body: ArmBody;
  readonly #random: Random;
  #mailbox = emptyMailbox;
  #work: Work | undefined;
  #gripCoil = false;
  #halted = false;
  readonly #log: (entry: ArmLogEntry) => void;

  constructor({ memory, pickStation, placeStation, random, log = () => undefined }: RobotArmOptions) {
    this.#log = log;
    this.#memory = memory;
    this.#random = random;
    this.#pickStation = pickStation;
    this.#body = new ArmBody(noted(pickStation, log), notedPlace(placeStation, log));
    this.#motor = new Thermal(20 + random() * 5);
    this.#newBoot();
    memory.set("enable", true);
    memory.set("auto", true);
    memory.set("speedOverride", 100);
    memory.set("watchdogTimeout", 2);
    memory.set("target", [...HOME]);
    this.#watchdog = new Watchdog(memory);
    memory.onWrite(["jobSequence", "jobEpoch", "jobCommand", "jobParameters", "jobSequenceEnd"], () => this.#onMail());
    memory.onWrite(["grip"], () => this.#onGrip());
    this.#onPulse("moveToTarget", () => this.#onMoveToTarget());
    for (const deed of ["home", "pick", "place"]) this.#onPulse(deed, () => this.#onDeed(deed));
    this.#onPulse("stop", () => this.#halt());
    this.#onPulse("resetFault", () => memory.set("faultCode", "none"));
    this.#show();
  }

  step(seconds: number): void {
    this.#body.seconds = seconds;
    this.#body.override = Math.min(1, Math.max(0.01, this.#memory.number("speedOverride") / 100));
    if (this.#watchdog.step(seconds)) this.#letGo();
    if (!this.#isAble()) this.#abandon(this.#isFaulty ? "fault" : "stopped");
    this.#halted &&= this.#memory.flag("auto");
    if (this.#wantsToCarry()) this.#work = { task: this.#body.carry(), sequence: undefined };
    this.#proceed();
    this.#motor.step(seconds, this.#body.motion.isMoving ? 30 : 4);
    this.#show();
  }

  /** Its supply is gone: it stands where it is, and what it held falls. */
  powerCut(): void {
    const { held } = this.#body;
    this.#work?.task.return("fault");
    this.#work = undefined;
    this.#body.held = undefined;
    if (held) this.#log({ kind: "dropped", box: held.id });
  }

  /** Its supply is back: it knows nothing of before, and nothing moves until somebody switches the drives on. */
  powerOn(): void {
    const memory = this.#memory;
    this.#newBoot();
    this.#mailbox = emptyMailbox;
    this.#watchdog = new Watchdog(memory);
    for (const tag of [
      "jobSequence",
      "jobSequenceEnd",
      "acceptedSequence",
      "doneSequence",
      "epoch",
      "rejectedSequence",
    ])
      memory.set(tag, 0);
    for (const tag of ["result", "rejectReason", "faultCode"]) memory.set(tag, "none");
    this.#letGo();
    this.#show();
  }

  #newBoot(): void {
    this.#memory.set("bootId", 1 + Math.floor(this.#random() * 0xffff));
  }

  get #isFaulty(): boolean {
    return this.#memory.get("faultCode") !== "none";
  }

  #isAble(): boolean {
    return this.#memory.flag("enable") && !this.#isFaulty && !this.#watchdog.tripped;
  }

  #wantsToCarry(): boolean {
    return !this.#work && this.#isAble() && this.#memory.flag("auto") && !this.#halted;
  }

  #isReady(): boolean {
    return this.#isAble() && !this.#memory.flag("auto") && !this.#work && !this.#body.motion.isMoving;
  }

  /** The master is gone: nothing may start by itself when it comes back. The gripper keeps what it holds. */
  #letGo(): void {
    this.#memory.set("enable", false);
    this.#memory.set("auto", false);
  }

  #proceed(): void {
    if (!this.#work) return this.#body.motion.brake(this.#body.seconds);
    const turn = this.#work.task.next();
    if (turn.done) this.#finish(turn.value);
  }

  #finish(result: Result): void {
    const sequence = this.#work?.sequence;
    this.#work = undefined;
    if (sequence === undefined || sequence !== this.#mailbox.accepted) return;
    this.#memory.set("doneSequence", sequence);
    this.#memory.set("result", result);
    this.#log({ kind: "ended", sequence, result });
  }

  /** After a stop the arm's own program begins again only when `auto` was switched off and on. */
  #halt(): void {
    this.#halted = true;
    this.#abandon("stopped");
  }

  /** Breaks off what is being done; the arm brakes from here. */
  #abandon(result: Result): void {
    if (!this.#work) return;
    this.#work.task.return(result);
    this.#finish(result);
  }

  #onMail(): void {
    const mail = this.#mail();
    const before = this.#mailbox;
    const verdict = judgeMail(before, mail, this.#obstacle(mail));
    if (verdict.kind === "ignored") return;
    if (verdict.kind === "rejected") {
      this.#memory.set("rejectedSequence", mail.sequence);
      this.#memory.set("rejectReason", verdict.reason);
    } else if (mail.command === "stop") this.#halt();
    this.#mailbox = verdict.state;
    if (verdict.state.epoch !== before.epoch) this.#beginEpoch(verdict.state.epoch ?? 0);
    if (verdict.kind === "accepted") this.#begin(mail);
  }

  #mail(): Mail {
    const memory = this.#memory;
    return {
      sequence: memory.number("jobSequence"),
      epoch: memory.number("jobEpoch"),
      command: String(memory.get("jobCommand")),
      sequenceEnd: memory.number("jobSequenceEnd"),
    };
  }

  /** What is reported belongs to one epoch: the end of an older epoch's job is no news to the new one. */
  #beginEpoch(epoch: number): void {
    this.#memory.set("epoch", epoch);
    this.#memory.set("acceptedSequence", 0);
    this.#memory.set("doneSequence", 0);
    this.#memory.set("result", "none");
    if (this.#work) this.#work = { ...this.#work, sequence: undefined };
  }

  #begin({ sequence, epoch, command }: Mail): void {
    this.#log({ kind: "accepted", epoch, sequence, command });
    this.#memory.set("acceptedSequence", sequence);
    this.#memory.set("rejectedSequence", 0);
    this.#memory.set("rejectReason", "none");
    // A void is accepted and nothing else: what `doneSequence` says of the job before it stays.
    if (command !== "none") this.#work = { task: this.#taskOf(command), sequence };
  }

  #obstacle({ command }: Mail): RejectReason | undefined {
    if (command === "stop") return undefined;
    if (command === "none") return this.#work?.sequence === undefined ? undefined : "busy";
    if (!["home", "move", "pick", "place", "carry"].includes(command)) return "unknownCommand";
    if (command === "move" && !isReachable(this.#point("jobParameters"))) return "badParameter";
    if (!this.#isAble() || this.#memory.flag("auto")) return "notReady";
    return this.#isReady() ? undefined : "busy";
  }

  #taskOf(command: string): Task {
    switch (command) {
      case "home":
        return this.#body.travel("homing", HOME);
      case "move":
        return this.#body.travel("moving", this.#point("jobParameters"));
      case "pick":
        return this.#body.pick();
      case "place":
        return this.#body.place();
      case "carry":
        return this.#body.pickAndPlace();
      default:
        return this.#body.standStill();
    }
  }

  #point(tag: string): Point {
    const value = this.#memory.get(tag);
    const [x, y, z] = typeof value === "object" ? value.map(Number) : [];
    return [x ?? Number.NaN, y ?? Number.NaN, z ?? Number.NaN];
  }

  #onMoveToTarget(): void {
    const target = this.#point("target");
    if (!this.#isReady() || !isReachable(target)) return;
    this.#work = { task: this.#body.travel("moving", target), sequence: undefined };
  }

  /** By hand: as the job of that name, and reported to nobody. */
  #onDeed(deed: string): void {
    if (this.#isReady()) this.#work = { task: this.#taskOf(deed), sequence: undefined };
  }

  /** Only a change of the coil moves the gripper: what a job has gripped stays so while the coil repeats itself. */
  #onGrip(): void {
    const grip = this.#memory.flag("grip");
    const changed = grip !== this.#gripCoil;
    this.#gripCoil = grip;
    if (changed && !grip && this.#isReady()) this.#body.held = undefined;
  }

  #onPulse(tag: string, act: () => void): void {
    this.#memory.onWrite([tag], () => {
      if (!this.#memory.flag(tag)) return;
      this.#memory.set(tag, false);
      act();
    });
  }

  #show(): void {
    const memory = this.#memory;
    memory.set("ready", this.#isReady());
    memory.set("busy", this.#work !== undefined && this.#state() !== "idle");
    memory.set("holding", this.#body.held !== undefined);
    memory.set("fault", this.#isFaulty);
    memory.set("partAtPick", this.#pickStation.hasPart());
    memory.set("watchdogTripped", this.#watchdog.tripped);
    memory.set("state", this.#state());
    memory.set("joints", jointsAt(this.#body.motion.position));
    memory.set("position", [...this.#body.motion.position]);
    memory.set("motorTemp", this.#motor.temperature);
    memory.set("picks", this.#body.picks);
    memory.set("places", this.#body.places);
  }

  #state(): string {
    if (this.#isFaulty) return "fault";
    if (this.#watchdog.tripped) return "watchdog";
    if (
      this.#work &&
      (this.#work.sequence !== undefined || this.#body.motion.isMoving || this.#body.doing !== "moving")
    ) {
      return this.#body.doing;
    }
    if (this.#body.motion.isMoving) return "stopping";
    return this.#memory.flag("enable") ? "idle" : "disabled";
  }
}

type Log = NonNullable<RobotArmOptions["log"]>;

function noted(station: PickStation, log: Log): PickStation {
  return {
    ...station,
    take() {
      const box = station.take();
      if (box) log({ kind: "took", box: box.id });
      return box;
    },
  };
}

function notedPlace(station: PlaceStation, log: Log): PlaceStation {
  return {
    ...station,
    put(box) {
      station.put(box);
      log({ kind: "put", box: box.id });
    },
  };
}
