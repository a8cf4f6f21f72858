/** What a test of a program imports from `takt/program/bench`. */
import type { Program, Retained } from "takt/program";

/** Values by device and tag. */
export interface Values {
  readonly [device: string]: { readonly [tag: string]: unknown };
}

export interface BenchOptions {
  /** A plant file: every tag is there with its type, its range and its safe value. */
  readonly plant?: string;
  /** What is read at the start; without a plant these are all the inputs there are. */
  readonly inputs?: Values;
  /** Without a plant: the outputs, with their safe values. */
  readonly outputs?: Values;
  /** Of the scan: `20ms`. */
  readonly period?: string;
  /** `500ms` */
  readonly grace?: string;
  /** What was kept from an earlier run. */
  readonly retained?: { readonly [name: string]: Retained };
  /** Without a plant: names of pools; they take any job. */
  readonly pools?: readonly string[];
}

/** A job that the program has ordered. */
export interface BenchJob {
  readonly pool: string;
  readonly id: string;
  readonly job: string;
  readonly parameters: { readonly [name: string]: number };
  readonly labels: { readonly [name: string]: string };
  readonly priority: number;
  readonly state: string;
}

export interface Bench {
  /** The slaves show this from the next cycle on. */
  set(values: Values): void;
  /** These tags have no value until they are set again. */
  lose(...tags: readonly string[]): void;
  /** Runs the cycles of this time; one where nothing is said. */
  step(time?: string): void;
  /** What the program keeps its levels at, by device and tag. */
  readonly outputs: { readonly [device: string]: { readonly [tag: string]: any } };
  /** The pulses it has sent: `infeed.jog`. */
  readonly pulses: readonly string[];
  /** The jobs it has ordered, oldest first; they stay queued until `setJob` says otherwise. */
  readonly jobs: readonly BenchJob[];
  /** `running`, `done`, `failed`; `result` is the device's own word. */
  setJob(id: string, state: string, result?: string): void;
  /** The alarms it named, by what it set them to last. */
  readonly alarms: { readonly [name: string]: boolean };
  readonly state: "running" | "blind" | "stopped";
  /** Why it is not running. */
  readonly reason: string | undefined;
  /** What it wrote to the log. */
  readonly said: readonly string[];
  readonly retained: { readonly [name: string]: Retained };
}

/** A program on a bench: virtual time, no plant. */
export function bench(program: Program, options?: BenchOptions): Bench;
