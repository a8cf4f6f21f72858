import { inspect } from "node:util";
import { didYouMean } from "../../device/did-you-mean.ts";
import type { Reason, Scalar, Value } from "../../device/quality.ts";
import { type Instant, between } from "../../kit/time.ts";
import type { Peeked } from "./program.ts";
import { ProgramError } from "./program-error.ts";
import type { ProgramPoint } from "./program-point.ts";
import { stranger } from "./stranger.ts";

/** Ends a cycle in which a tag was read that is not good. */
class NotGood extends Error {}

/** A tag that was read and is not good. */
export interface Blindness {
  readonly tag: string;
  readonly reason: Reason;
}

/** Who else writes this output; undefined: it is this program's from now on. */
export type Claim = (point: ProgramPoint) => string | undefined;

/**
 * What a program calls `io`: an object for each device with a property for each tag. Reading gives the value of the frozen image,
 * writing only notes what is wanted.
 */
export class ProgramIo {
  readonly io: object & { peek(tag: string): Peeked };
  readonly #claim: Claim;
  readonly #byPath: ReadonlyMap<string, ProgramPoint>;
  #now: Instant | undefined;
  #blindness: Blindness | undefined;
  #writes = new Map<ProgramPoint, Value>();

  constructor(points: readonly ProgramPoint[], claim: Claim) {
    this.#claim = claim;
    this.#byPath = new Map(points.map((point) => [point.path, point]));
    const devices = new Map<string, ProgramPoint[]>();
    for (const point of points) {
      const tags = devices.get(point.device) ?? [];
      tags.push(point);
      devices.set(point.device, tags);
    }
    const io = { peek: (tag: string) => this.#peek(tag) };
    devices.delete("peek");
    for (const [device, tags] of devices) {
      Object.defineProperty(io, device, { value: this.#device(device, tags), enumerable: true });
    }
    Object.setPrototypeOf(io, stranger("device", [...devices.keys()]));
    this.io = Object.freeze(io);
  }

  /** The first tag of this cycle that was read and is not good. */
  get blindness(): Blindness | undefined {
    return this.#blindness;
  }

  /** What is wanted by now, in the order in which it was first wanted. */
  get writes(): ReadonlyMap<ProgramPoint, Value> {
    return this.#writes;
  }

  begin(now: Instant): void {
    this.#now = now;
    this.#blindness = undefined;
    this.#writes = new Map();
  }

  #device(device: string, points: readonly ProgramPoint[]): object {
    const names = points.map(({ tag }) => tag);
    const object = {};
    Object.setPrototypeOf(object, stranger(`tag of ${device}`, names));
    for (const point of points) {
      Object.defineProperty(object, point.tag, {
        get: () => this.#read(point),
        set: (value: unknown) => this.#write(point, value),
        enumerable: true,
      });
    }
    return Object.preventExtensions(object);
  }

  #read(point: ProgramPoint): Value {
    if (point.unread !== undefined) throw new ProgramError(`${point.path} cannot be read: ${point.unread}`);
    const { value, quality, reason } = point.sample();
    if (quality === "good" && value !== null) return Object.freeze(value);
    this.#blindness ??= { tag: point.path, reason };
    throw new NotGood(`${point.path} is ${quality}: ${reason}`);
  }

  #write(point: ProgramPoint, value: unknown): void {
    if (point.kind === "input") throw new ProgramError(`${point.path} is no output: its profile has no write`);
    if (!isValue(value)) throw new ProgramError(`${point.path}: ${inspect(value)} is no value`);
    const fitted = point.fit(value);
    if (!fitted.ok) throw new ProgramError(`${point.path}: ${fitted.failure}`);
    const other = this.#claim(point);
    if (other !== undefined) throw new ProgramError(`${point.path} is written by program ${other} already`);
    this.#writes.set(point, fitted.value);
  }

  #peek(tag: string): Peeked {
    const point = this.#byPath.get(tag);
    if (!point) throw new ProgramError(`unknown tag "${tag}"; ${didYouMean(tag, [...this.#byPath.keys()])}`);
    const { value, quality, reason, sourceTime } = point.sample();
    const age = sourceTime === undefined || this.#now === undefined ? Infinity : between(sourceTime, this.#now);
    return { value: Object.freeze(value), quality, reason, age };
  }
}

function isValue(value: unknown): value is Value {
  return Array.isArray(value) ? value.every(isScalar) : isScalar(value);
}

function isScalar(value: unknown): value is Scalar {
  return ["boolean", "number", "bigint", "string"].includes(typeof value);
}
