import type { TagMemory } from "../memory/tag-memory.ts";
import type { Model } from "./model.ts";

/** Control word, FC profile. */
const BIT = { noCoast: 3, noQuickStop: 4, noFreeze: 5, start: 6, jog: 8, valid: 10, reverse: 15 } as const;

/** Control words by the names the profile gives them. */
const NAMED: ReadonlyMap<unknown, number> = new Map([
  ["none", 0],
  ["quickStop", 0x042c],
  ["coast", 0x0434],
  ["stop", 0x043c],
  ["run", 0x047c],
  ["reset", 0x04bc],
  ["runReverse", 0x847c],
]);

/** Seconds from standstill to 100 %, or back. */
const RAMP_SECONDS = 5;
const QUICK_STOP_SECONDS = 1;
const COAST_SECONDS = 20;

const JOG_SPEED = 10; // %

/** Power of the fan at 100 %, in watts, and of the drive's own electronics. */
const FULL_POWER = 4000;
const IDLE_POWER = 25;

/** A VLT drive with a fan on its shaft: it follows its control word and reference along its ramps. */
export class VltDrive implements Model {
  readonly #memory: TagMemory;
  /** The last control word with "data valid". */
  #control = 0;
  /** % of its nominal speed, below 0 backwards. */
  #speed = 0;

  /** Found running, as an operator left it. */
  constructor(memory: TagMemory) {
    this.#memory = memory;
    memory.set("command", "run");
    memory.set("reference", 60);
    this.#show(0);
  }

  /** What it takes from the mains, in watts: a fan's power grows with the cube of its speed. */
  get power(): number {
    return IDLE_POWER + FULL_POWER * Math.abs(this.#speed / 100) ** 3;
  }

  step(seconds: number): void {
    const word = this.#controlWord();
    if (isSet(word, BIT.valid)) this.#control = word;
    const target = this.#target();
    const step = (100 * seconds) / this.#rampSeconds();
    this.#speed += Math.max(-step, Math.min(step, target - this.#speed));
    this.#show(target);
  }

  #controlWord(): number {
    const command = this.#memory.get("command");
    return typeof command === "number" ? command : (NAMED.get(command) ?? 0);
  }

  /** % that it nears now. */
  #target(): number {
    if (!this.#mayTurn()) return 0;
    const reference = isSet(this.#control, BIT.jog) ? JOG_SPEED : this.#memory.number("reference");
    if (!isSet(this.#control, BIT.start) && !isSet(this.#control, BIT.jog)) return 0;
    if (!isSet(this.#control, BIT.noFreeze)) return this.#speed;
    return isSet(this.#control, BIT.reverse) ? -reference : reference;
  }

  #mayTurn(): boolean {
    return isSet(this.#control, BIT.noCoast) && isSet(this.#control, BIT.noQuickStop);
  }

  #rampSeconds(): number {
    if (!isSet(this.#control, BIT.noCoast)) return COAST_SECONDS;
    return isSet(this.#control, BIT.noQuickStop) ? RAMP_SECONDS : QUICK_STOP_SECONDS;
  }

  #show(target: number): void {
    const runs = this.#mayTurn() && (isSet(this.#control, BIT.start) || isSet(this.#control, BIT.jog));
    this.#memory.set("controlReady", true);
    this.#memory.set("driveReady", true);
    this.#memory.set("enabled", isSet(this.#control, BIT.noCoast));
    this.#memory.set("atReference", Math.abs(this.#speed - target) < 0.05);
    this.#memory.set("busControl", true);
    this.#memory.set("frequencyOk", true);
    this.#memory.set("running", runs || this.#speed !== 0);
    this.#memory.set("actual", this.#speed);
  }
}

function isSet(word: number, bit: number): boolean {
  return ((word >> bit) & 1) === 1;
}
