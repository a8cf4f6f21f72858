import type { Random } from "../../src/kit/random.ts";
import type { TagMemory } from "../memory/tag-memory.ts";
import type { Belt } from "../world/belt.ts";
import type { Model } from "./model.ts";
import { Thermal } from "./thermal.ts";
import { Watchdog } from "./watchdog.ts";

const ACCELERATION = 1; // m/s²
const TOP_SPEED = 2; // m/s, whatever a master asks for
const JOG = { speed: 0.1, seconds: 0.5 };

/** A belt that slips under a box for longer than this is jammed. */
const JAM_SECONDS = 3;

/** Above this speed (m/s) a box may tip over as it enters, with this probability. */
const TIPPING = { speed: 1.5, probability: 0.25 };

type FaultCode = "none" | "jam" | "overload" | "overtemperature";

const TOO_HOT = 90; // degC

export interface ConveyorOptions {
  readonly memory: TagMemory;
  readonly belt: Belt;
  readonly random: Random;
  /** Found running, as an operator left it; its boxes wait at the exit where something takes them away there. */
  readonly holdAtExit: boolean;
}

/** What the controller of a takt/conveyor does with its belt (docs/devices.md). */
export class Conveyor implements Model {
  readonly #memory: TagMemory;
  readonly #belt: Belt;
  readonly #random: Random;
  #watchdog: Watchdog;
  readonly #motor: Thermal;
  #fault: FaultCode = "none";
  #jogSeconds = 0;
  #travelled = 0;
  #boxesIn = 0;
  #entryEye = false;

  constructor({ memory, belt, random, holdAtExit }: ConveyorOptions) {
    this.#memory = memory;
    this.#belt = belt;
    this.#random = random;
    this.#motor = new Thermal(20 + random() * 5);
    this.#newBoot();
    memory.set("run", true);
    memory.set("holdAtExit", holdAtExit);
    memory.set("speedSetpoint", 0.4);
    memory.set("watchdogTimeout", 2);
    this.#watchdog = new Watchdog(memory);
    this.#onPulse("jog", () => (this.#jogSeconds = JOG.seconds));
    this.#onPulse("resetFault", () => this.#reset());
    this.#show(0);
  }

  step(seconds: number): void {
    if (this.#watchdog.step(seconds)) this.#memory.set("run", false);
    this.#detectFaults();
    const target = this.#target(seconds);
    this.#belt.speed = approach(this.#belt.speed, target, ACCELERATION * seconds);
    this.#travelled = (this.#travelled + this.#belt.speed * seconds * 1000) % 2 ** 32;
    this.#motor.step(seconds, this.#belt.speed > 0 ? 8 + this.#belt.speed * 20 : 0);
    this.#countEntering();
    this.#show(target);
  }

  powerCut(): void {
    this.#belt.speed = 0;
  }

  powerOn(): void {
    this.#newBoot();
    this.#fault = "none";
    this.#watchdog = new Watchdog(this.#memory);
    this.#memory.set("run", false);
    this.#show(0);
  }

  #newBoot(): void {
    this.#memory.set("bootId", 1 + Math.floor(this.#random() * 0xffff));
  }

  /** A pulse is a coil that the controller takes back as soon as it has seen it. */
  #onPulse(tag: string, act: () => void): void {
    this.#memory.onWrite([tag], () => {
      if (!this.#memory.flag(tag)) return;
      this.#memory.set(tag, false);
      act();
    });
  }

  #detectFaults(): void {
    if (this.#fault !== "none") return;
    if (this.#belt.slipped > JAM_SECONDS) this.#fault = "jam";
    else if (this.#motor.temperature > TOO_HOT) this.#fault = "overtemperature";
  }

  #reset(): void {
    if (this.#fault === "overtemperature" && this.#motor.temperature > TOO_HOT - 10) return;
    this.#belt.clear();
    this.#fault = "none";
  }

  /** The speed the belt should have now. */
  #target(seconds: number): number {
    this.#jogSeconds = Math.max(0, this.#jogSeconds - seconds);
    if (this.#fault !== "none" || this.#watchdog.tripped) return 0;
    if (this.#memory.flag("run")) return this.#holds() ? 0 : Math.min(TOP_SPEED, this.#memory.number("speedSetpoint"));
    return this.#jogSeconds > 0 ? JOG.speed : 0;
  }

  #holds(): boolean {
    return this.#memory.flag("holdAtExit") && this.#belt.exitEye;
  }

  #countEntering(): void {
    const enters = this.#belt.entryEye && !this.#entryEye;
    this.#entryEye = this.#belt.entryEye;
    if (!enters) return;
    this.#boxesIn++;
    if (this.#belt.speed > TIPPING.speed && this.#random() < TIPPING.probability) this.#belt.jam();
  }

  #show(target: number): void {
    const memory = this.#memory;
    memory.set("running", this.#belt.speed > 0.005);
    memory.set("jam", this.#fault === "jam");
    memory.set("entryEye", this.#belt.entryEye);
    memory.set("exitEye", this.#belt.exitEye);
    memory.set("fault", this.#fault !== "none");
    memory.set("watchdogTripped", this.#watchdog.tripped);
    memory.set("speed", this.#belt.speed);
    memory.set("motorTemp", this.#motor.temperature);
    memory.set("travelled", Math.floor(this.#travelled));
    memory.set("boxesIn", this.#boxesIn);
    memory.set("boxesOut", this.#belt.departed);
    memory.set("boxes", this.#belt.boxes.length);
    memory.set("faultCode", this.#fault);
    memory.set("state", this.#state(target));
  }

  #state(target: number): string {
    if (this.#fault !== "none") return "fault";
    if (this.#watchdog.tripped) return "watchdog";
    const { speed } = this.#belt;
    if (target > 0) return speed < target ? "starting" : speed > target ? "stopping" : "running";
    if (speed > 0) return "stopping";
    return this.#memory.flag("run") && this.#holds() ? "holding" : "stopped";
  }
}

function approach(value: number, target: number, step: number): number {
  return value < target ? Math.min(target, value + step) : Math.max(target, value - step);
}
