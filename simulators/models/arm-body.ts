import type { Box } from "../world/belt.ts";
import type { PickStation, PlaceStation } from "../world/world.ts";
import { ArmMotion, type Point } from "./arm-motion.ts";

export const HOME: Point = [320, 0, 480];
const ABOVE_PICK: Point = [450, 400, 280];
const PICK: Point = [450, 400, 120];
const ABOVE_PLACE: Point = [450, -400, 280];
const PLACE: Point = [450, -400, 120];

const GRIP_SECONDS = 0.25;
/** How long a job waits for a part, and for room to put it down. */
const PATIENCE_SECONDS = { part: 2, room: 10 };

export type Result = "done" | "noPart" | "blocked" | "stopped" | "fault";
export type Doing = "homing" | "moving" | "picking" | "placing" | "stopping";

/** Something the arm does: it yields once a step, and its `finally` leaves the zones it is in. */
export type Task = Generator<undefined, Result>;

/** What the arm can do with its joints and its gripper; its controller decides what it does. */
export class ArmBody {
  readonly motion = new ArmMotion(HOME);
  /** Length of a step; the controller says it before every step. */
  seconds = 0;
  /** 0..1 of the full speed. */
  override = 1;
  doing: Doing = "moving";
  held: Box | undefined;
  picks = 0;
  places = 0;
  readonly #pickStation: PickStation;
  readonly #placeStation: PlaceStation;

  constructor(pickStation: PickStation, placeStation: PlaceStation) {
    this.#pickStation = pickStation;
    this.#placeStation = placeStation;
  }

  /** The arm's own program: one part from the pick to the place station, then home. */
  *carry(): Task {
    if (!this.held) {
      this.doing = "moving";
      if (!this.#pickStation.hasPart() || !this.#pickStation.zone.enter(this)) {
        yield* this.#goTo(HOME);
        return "done";
      }
      yield* this.pick();
    }
    if (this.held) yield* this.place();
    yield* this.travel("moving", HOME);
    return "done";
  }

  *pick(): Task {
    if (this.held) return "blocked";
    const { zone } = this.#pickStation;
    this.doing = "picking";
    try {
      if (!(yield* this.#wait(() => zone.enter(this), PATIENCE_SECONDS.room))) return "blocked";
      yield* this.#goTo(ABOVE_PICK);
      if (!(yield* this.#wait(() => this.#pickStation.hasPart(), PATIENCE_SECONDS.part))) return "noPart";
      yield* this.#goTo(PICK);
      yield* this.#pause(GRIP_SECONDS);
      this.held = this.#pickStation.take();
      if (this.held) this.picks++;
      yield* this.#goTo(ABOVE_PICK);
      return this.held ? "done" : "noPart";
    } finally {
      zone.leave(this);
    }
  }

  *place(): Task {
    if (!this.held) return "noPart";
    const { zone } = this.#placeStation;
    this.doing = "placing";
    try {
      if (!(yield* this.#wait(() => zone.enter(this), PATIENCE_SECONDS.room))) return "blocked";
      yield* this.#goTo(ABOVE_PLACE);
      if (!(yield* this.#wait(() => this.#placeStation.hasRoom(), PATIENCE_SECONDS.room))) return "blocked";
      yield* this.#goTo(PLACE);
      yield* this.#pause(GRIP_SECONDS);
      this.#placeStation.put(this.held);
      this.held = undefined;
      this.places++;
      yield* this.#goTo(ABOVE_PLACE);
      return "done";
    } finally {
      zone.leave(this);
    }
  }

  /** One part from the pick to the place station; never with one in the gripper already. */
  *pickAndPlace(): Task {
    const picked = yield* this.pick();
    return picked === "done" ? yield* this.place() : picked;
  }

  *travel(doing: Doing, target: Point): Task {
    this.doing = doing;
    yield* this.#goTo(target);
    return "done";
  }

  *standStill(): Task {
    this.doing = "stopping";
    while (this.motion.isMoving) {
      this.motion.brake(this.seconds);
      yield;
    }
    return "done";
  }

  *#goTo(target: Point): Generator<undefined, void> {
    while (!this.motion.stepTowards(target, this.seconds, this.override)) yield;
  }

  *#pause(seconds: number): Generator<undefined, void> {
    for (let rest = seconds; rest > 0; rest -= this.seconds) yield;
  }

  /** True as soon as `condition` holds; false when it did not within `patience` seconds. */
  *#wait(condition: () => boolean, patience: number): Generator<undefined, boolean> {
    for (let rest = patience; !condition(); rest -= this.seconds) {
      if (rest <= 0) return false;
      yield;
    }
    return true;
  }
}
