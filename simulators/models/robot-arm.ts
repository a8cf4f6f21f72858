import type { Random } from "../../src/kit/random.ts";
import type { TagMemory } from "../memory/tag-memory.ts";
import type { Box } from "../world/belt.ts";
import type { PickStation, PlaceStation } from "../world/world.ts";
import { emptyMailbox, judgeMail, type Mail, type RejectReason } from "./arm-mailbox.ts";
import { ArmMotion, isReachable, jointsAt, type Point } from "./arm-motion.ts";
import type { Model } from "./model.ts";
import { Thermal } from "./thermal.ts";
import { Watchdog } from "./watchdog.ts";

const HOME: Point = [320, 0, 480];
const ABOVE_PICK: Point = [450, 400, 280];
const PICK: Point = [450, 400, 120];
const ABOVE_PLACE: Point = [450, -400, 280];
const PLACE: Point = [450, -400, 120];

const GRIP_SECONDS = 0.25;
/** How long a job waits for a part, and for room to put it down. */
const PATIENCE_SECONDS = { part: 2, room: 10 };

type Result = "done" | "noPart" | "blocked" | "stopped" | "fault";
type Doing = "homing" | "moving" | "picking" | "placing" | "stopping";

/** Something the arm does: it yields once a step, and its `finally` leaves the zones it is in. */
type Task = Generator<undefined, Result>;

interface Work {
  readonly task: Task;
  /** The job whose end is reported; undefined for what the arm does without a job. */
  readonly sequence: number | undefined;
}

export interface RobotArmOptions {
  readonly memory: TagMemory;
  readonly pickStation: PickStation;
  readonly placeStation: PlaceStation;
  readonly random: Random;
}

/** What the controller of a takt/robot-arm does (docs/devices.md): jobs from its mailbox, or its own program. */
export class RobotArm implements Model {
  readonly #memory: TagMemory;
  readonly #pickStation: PickStation;
  readonly #placeStation: PlaceStation;
  readonly #watchdog: Watchdog;
  readonly #motor: Thermal;
  readonly #motion = new ArmMotion(HOME);
  #mailbox = emptyMailbox;
  #work: Work | undefined;
  #doing: Doing = "moving";
  #held: Box | undefined;
  #gripCoil = false;
  #halted = false;
  #seconds = 0;
  #picks = 0;
  #places = 0;

  constructor({ memory, pickStation, placeStation, random }: RobotArmOptions) {
    this.#memory = memory;
    this.#pickStation = pickStation;
    this.#placeStation = placeStation;
    this.#motor = new Thermal(20 + random() * 5);
    memory.set("bootId", 1 + Math.floor(random() * 0xffff));
    memory.set("enable", true);
    memory.set("auto", true);
    memory.set("speedOverride", 100);
    memory.set("watchdogTimeout", 2);
    memory.set("target", [...HOME]);
    this.#watchdog = new Watchdog(memory);
    memory.onWrite(["jobSequence", "jobEpoch", "jobCommand", "jobParameters", "jobSequenceEnd"], () => this.#onMail());
    memory.onWrite(["grip"], () => this.#onGrip());
    this.#onPulse("moveToTarget", () => this.#onMoveToTarget());
    this.#onPulse("stop", () => this.#halt());
    this.#onPulse("resetFault", () => memory.set("faultCode", "none"));
    this.#show();
  }

  step(seconds: number): void {
    this.#seconds = seconds;
    if (this.#watchdog.step(seconds)) this.#letGo();
    if (!this.#isAble()) this.#abandon(this.#isFaulty ? "fault" : "stopped");
    this.#halted &&= this.#memory.flag("auto");
    if (this.#wantsToCarry()) this.#work = { task: this.#carry(), sequence: undefined };
    this.#proceed();
    this.#motor.step(seconds, this.#motion.isMoving ? 30 : 4);
    this.#show();
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
    return this.#isAble() && !this.#memory.flag("auto") && !this.#work && !this.#motion.isMoving;
  }

  /** The master is gone: nothing may start by itself when it comes back. The gripper keeps what it holds. */
  #letGo(): void {
    this.#memory.set("enable", false);
    this.#memory.set("auto", false);
  }

  #proceed(): void {
    if (!this.#work) return this.#motion.brake(this.#seconds);
    const turn = this.#work.task.next();
    if (turn.done) this.#finish(turn.value);
  }

  #finish(result: Result): void {
    const sequence = this.#work?.sequence;
    this.#work = undefined;
    if (sequence === undefined || sequence !== this.#mailbox.accepted) return;
    this.#memory.set("doneSequence", sequence);
    this.#memory.set("result", result);
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

  #begin({ sequence, command }: Mail): void {
    this.#memory.set("acceptedSequence", sequence);
    this.#memory.set("rejectedSequence", 0);
    this.#memory.set("rejectReason", "none");
    this.#work = { task: this.#taskOf(command), sequence };
  }

  #obstacle({ command }: Mail): RejectReason | undefined {
    if (command === "stop") return undefined;
    if (!["home", "move", "pick", "place"].includes(command)) return "unknownCommand";
    if (command === "move" && !isReachable(this.#point("jobParameters"))) return "badParameter";
    if (!this.#isAble() || this.#memory.flag("auto")) return "notReady";
    return this.#isReady() ? undefined : "busy";
  }

  #taskOf(command: string): Task {
    switch (command) {
      case "home":
        return this.#travel("homing", HOME);
      case "move":
        return this.#travel("moving", this.#point("jobParameters"));
      case "pick":
        return this.#pick();
      case "place":
        return this.#place();
      default:
        return this.#standStill();
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
    this.#work = { task: this.#travel("moving", target), sequence: undefined };
  }

  /** Only a change of the coil moves the gripper: what a job has gripped stays so while the coil repeats itself. */
  #onGrip(): void {
    const grip = this.#memory.flag("grip");
    const changed = grip !== this.#gripCoil;
    this.#gripCoil = grip;
    if (changed && !grip && this.#isReady()) this.#held = undefined;
  }

  #onPulse(tag: string, act: () => void): void {
    this.#memory.onWrite([tag], () => {
      if (!this.#memory.flag(tag)) return;
      this.#memory.set(tag, false);
      act();
    });
  }

  /** The arm's own program: one part from the pick to the place station, then home. */
  *#carry(): Task {
    if (!this.#held) {
      this.#doing = "moving";
      if (!this.#pickStation.hasPart() || !this.#pickStation.zone.enter(this)) {
        yield* this.#goTo(HOME);
        return "done";
      }
      yield* this.#pick();
    }
    if (this.#held) yield* this.#place();
    yield* this.#travel("moving", HOME);
    return "done";
  }

  *#pick(): Task {
    const { zone } = this.#pickStation;
    this.#doing = "picking";
    try {
      if (!(yield* this.#wait(() => zone.enter(this), PATIENCE_SECONDS.room))) return "blocked";
      yield* this.#goTo(ABOVE_PICK);
      if (!(yield* this.#wait(() => this.#pickStation.hasPart(), PATIENCE_SECONDS.part))) return "noPart";
      yield* this.#goTo(PICK);
      yield* this.#pause(GRIP_SECONDS);
      this.#held ??= this.#pickStation.take();
      if (this.#held) this.#picks++;
      yield* this.#goTo(ABOVE_PICK);
      return this.#held ? "done" : "noPart";
    } finally {
      zone.leave(this);
    }
  }

  *#place(): Task {
    if (!this.#held) return "noPart";
    const { zone } = this.#placeStation;
    this.#doing = "placing";
    try {
      if (!(yield* this.#wait(() => zone.enter(this), PATIENCE_SECONDS.room))) return "blocked";
      yield* this.#goTo(ABOVE_PLACE);
      if (!(yield* this.#wait(() => this.#placeStation.hasRoom(), PATIENCE_SECONDS.room))) return "blocked";
      yield* this.#goTo(PLACE);
      yield* this.#pause(GRIP_SECONDS);
      this.#placeStation.put(this.#held);
      this.#held = undefined;
      this.#places++;
      yield* this.#goTo(ABOVE_PLACE);
      return "done";
    } finally {
      zone.leave(this);
    }
  }

  *#travel(doing: Doing, target: Point): Task {
    this.#doing = doing;
    yield* this.#goTo(target);
    return "done";
  }

  *#standStill(): Task {
    this.#doing = "stopping";
    while (this.#motion.isMoving) {
      this.#motion.brake(this.#seconds);
      yield;
    }
    return "done";
  }

  *#goTo(target: Point): Generator<undefined, void> {
    while (!this.#motion.stepTowards(target, this.#seconds, this.#memory.number("speedOverride") / 100)) yield;
  }

  *#pause(seconds: number): Generator<undefined, void> {
    for (let rest = seconds; rest > 0; rest -= this.#seconds) yield;
  }

  /** True as soon as `condition` holds; false when it did not within `patience` seconds. */
  *#wait(condition: () => boolean, patience: number): Generator<undefined, boolean> {
    for (let rest = patience; !condition(); rest -= this.#seconds) {
      if (rest <= 0) return false;
      yield;
    }
    return true;
  }

  #show(): void {
    const memory = this.#memory;
    memory.set("ready", this.#isReady());
    memory.set("busy", this.#work !== undefined && this.#state() !== "idle");
    memory.set("holding", this.#held !== undefined);
    memory.set("fault", this.#isFaulty);
    memory.set("partAtPick", this.#pickStation.hasPart());
    memory.set("watchdogTripped", this.#watchdog.tripped);
    memory.set("state", this.#state());
    memory.set("joints", jointsAt(this.#motion.position));
    memory.set("position", [...this.#motion.position]);
    memory.set("motorTemp", this.#motor.temperature);
    memory.set("picks", this.#picks);
    memory.set("places", this.#places);
  }

  #state(): string {
    if (this.#isFaulty) return "fault";
    if (this.#watchdog.tripped) return "watchdog";
    if (this.#work && (this.#work.sequence !== undefined || this.#motion.isMoving || this.#doing !== "moving")) {
      return this.#doing;
    }
    if (this.#motion.isMoving) return "stopping";
    return this.#memory.flag("enable") ? "idle" : "disabled";
  }
}
