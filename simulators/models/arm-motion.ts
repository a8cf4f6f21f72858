/** Millimetres in the base frame. */
export type Point = readonly [x: number, y: number, z: number];

const TOP_SPEED = 900; // mm/s
const ACCELERATION = 2500; // mm/s²
const UPPER_ARM = 520; // mm
const FOREARM = 480; // mm
const SHOULDER_HEIGHT = 200; // mm

/** Whether the gripper gets there. */
export function isReachable([x, y, z]: Point): boolean {
  const reach = Math.hypot(x, y, z - SHOULDER_HEIGHT);
  return z >= 0 && reach >= 150 && reach <= UPPER_ARM + FOREARM - 50;
}

/** The gripper's movement: straight lines, with a speed that rises and falls. */
export class ArmMotion {
  position: Point;
  #speed = 0;
  #direction: Point = [0, 0, 0];

  constructor(position: Point) {
    this.position = position;
  }

  get isMoving(): boolean {
    return this.#speed > 0;
  }

  /** One step on the way to `target`; true when it is reached. `override` 0..1 slows down. */
  stepTowards(target: Point, seconds: number, override: number): boolean {
    const way = minus(target, this.position);
    const distance = Math.hypot(...way);
    const braking = Math.sqrt(2 * ACCELERATION * distance);
    this.#speed = Math.min(TOP_SPEED * override, braking, this.#speed + ACCELERATION * seconds);
    if (distance <= Math.max(0.5, this.#speed * seconds)) {
      this.position = target;
      this.#speed = 0;
      return true;
    }
    this.#direction = scaled(way, 1 / distance);
    this.#advance(seconds);
    return false;
  }

  /** One step of slowing down where nothing else is wanted. */
  brake(seconds: number): void {
    this.#speed = Math.max(0, this.#speed - 2 * ACCELERATION * seconds);
    this.#advance(seconds);
  }

  #advance(seconds: number): void {
    const step = scaled(this.#direction, this.#speed * seconds);
    this.position = [this.position[0] + step[0], this.position[1] + step[1], this.position[2] + step[2]];
  }
}

/** Joint angles in degrees for a gripper that points down: base, shoulder, elbow, three of the wrist. */
export function jointsAt([x, y, z]: Point): readonly number[] {
  const out = Math.hypot(x, y);
  const up = z - SHOULDER_HEIGHT;
  const reach = Math.min(UPPER_ARM + FOREARM - 1, Math.max(1, Math.hypot(out, up)));
  const elbow = Math.acos(within((reach ** 2 - UPPER_ARM ** 2 - FOREARM ** 2) / (2 * UPPER_ARM * FOREARM)));
  const shoulder = Math.atan2(up, out) + Math.atan2(FOREARM * Math.sin(elbow), UPPER_ARM + FOREARM * Math.cos(elbow));
  const wrist = -Math.PI / 2 - shoulder + elbow;
  return [Math.atan2(y, x), shoulder, -elbow, wrist, Math.PI / 2, 0].map((angle) => (angle * 180) / Math.PI);
}

function within(cosine: number): number {
  return Math.min(1, Math.max(-1, cosine));
}

function minus(a: Point, b: Point): Point {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function scaled([x, y, z]: Point, factor: number): Point {
  return [x * factor, y * factor, z * factor];
}
