import type { Random } from "../../src/kit/random.ts";
import type { TagMemory } from "../memory/tag-memory.ts";
import type { Model } from "./model.ts";

const OUTPUTS = [
  ...Array.from({ length: 8 }, (_, bit) => `digitalOutput${bit}`),
  ...Array.from({ length: 2 }, (_, bit) => `toolOutput${bit}`),
] as const;

/** Mean, swing (rad) and period (s) of every joint's movement. */
const JOINTS = [
  { mean: 0, swing: 0.9, period: 8 },
  { mean: -1.4, swing: 0.3, period: 4 },
  { mean: 1.7, swing: 0.4, period: 4 },
  { mean: -1.8, swing: 0.2, period: 4 },
  { mean: -1.57, swing: 0.05, period: 8 },
  { mean: 0.3, swing: 0.6, period: 8 },
] as const;

/** Mean and swing of the tool's x, y, z (mm) with the same program. */
const TOOL = [
  { mean: 380, swing: 90, period: 8 },
  { mean: -120, swing: 260, period: 8 },
  { mean: 300, swing: 150, period: 4 },
] as const;

const TOOL_ROTATION = [0, 3.14, 0] as const;

interface Wave {
  readonly mean: number;
  readonly swing: number;
  readonly period: number;
}

/** A Universal Robots controller whose program goes to and fro: joints, tool and currents agree with each other. */
export class UniversalRobots implements Model {
  readonly #memory: TagMemory;
  readonly #random: Random;
  #time = 0;

  constructor(memory: TagMemory, random: Random) {
    this.#memory = memory;
    this.#random = random;
    memory.set("versionMajor", 5);
    memory.set("versionMinor", 11);
    memory.set("robotMode", "running");
    memory.set("powerOn", true);
    for (const input of [0, 1, 2, 3]) memory.set(`analogInput${input}Domain`, "voltage");
    for (const output of [0, 1]) memory.set(`analogOutput${output}Domain`, "voltage");
    memory.set("toolRotation", [...TOOL_ROTATION]);
    this.#onMask("setOutputs", true);
    this.#onMask("clearOutputs", false);
    this.#show();
  }

  step(seconds: number): void {
    this.#time += seconds;
    this.#show();
  }

  /** Registers 2 and 3: the bits that are 1 set or clear the outputs of the same number. */
  #onMask(tag: string, value: boolean): void {
    this.#memory.onWrite([tag], () => {
      const mask = this.#memory.number(tag);
      OUTPUTS.forEach((output, bit) => {
        if (mask & (1 << bit)) this.#memory.set(output, value);
      });
      this.#memory.set(tag, 0);
    });
  }

  #show(): void {
    const memory = this.#memory;
    const velocities = JOINTS.map((joint) => this.#rateOf(joint));
    memory.set(
      "jointAngles",
      JOINTS.map((joint) => this.#valueOf(joint)),
    );
    memory.set("jointVelocities", velocities);
    memory.set(
      "jointCurrents",
      velocities.map((velocity) => 0.4 + Math.abs(velocity)),
    );
    memory.set(
      "jointTemperatures",
      JOINTS.map((_, index) => 33 + index + Math.round(3 * (1 - Math.exp(-this.#time / 300)))),
    );
    memory.set(
      "toolPosition",
      TOOL.map((axis) => this.#valueOf(axis)),
    );
    memory.set(
      "toolSpeed",
      TOOL.map((axis) => this.#rateOf(axis)),
    );
    memory.set("digitalInput0", this.#time % 8 < 4);
    memory.set("analogInput0", 32_000 + 8_000 * Math.sin(this.#time / 5) + 40 * this.#random());
  }

  #valueOf({ mean, swing, period }: Wave): number {
    return mean + swing * Math.sin((2 * Math.PI * this.#time) / period);
  }

  /** The derivative of {@link #valueOf}, per second. */
  #rateOf({ swing, period }: Wave): number {
    return ((2 * Math.PI) / period) * swing * Math.cos((2 * Math.PI * this.#time) / period);
  }
}
