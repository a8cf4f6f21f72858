import { formatIssues } from "../../config/source/config-issue.ts";
import { loadPlant } from "../../config/plant/load-plant.ts";
import type { Plant } from "../../config/plant/plant.ts";
import type { Value } from "../../device/quality.ts";
import { tagTable } from "../../device/tag-table.ts";
import { parseDuration } from "../../kit/duration.ts";
import { instant, ms, type Ms, plus, wallTime } from "../../kit/time.ts";
import { atRest, type BenchPoint, sketchedPoint, tagPoint } from "./bench-point.ts";
import type { Program, RetainedRecord } from "./program.ts";
import { Programs } from "./programs.ts";
import { type OpenAlarm, OWN_ALARMS } from "./program-alarms.ts";
import { type BenchJob, BenchPool } from "./bench-pool.ts";
import type { ProgramState } from "./program-state.ts";

/** Values by device and tag. */
export type Values = Readonly<Record<string, Readonly<Record<string, Value>>>>;

export interface BenchOptions {
  /** A plant file: every tag is there with its type, its range and its safe value. */
  readonly plant?: string;
  /** What is read at the start; without a plant these are all the inputs there are. */
  readonly inputs?: Values;
  /** Without a plant: the outputs, with their safe values. */
  readonly outputs?: Values;
  /** Of the scan; 20ms. */
  readonly period?: string;
  /** 500ms */
  readonly grace?: string;
  readonly retained?: RetainedRecord;
  /** Without a plant: names of pools; they take any job. */
  readonly pools?: readonly string[];
}

/** The wall clock of a bench begins on 2026-01-01. */
const BEGINNING = 1_767_225_600_000;

/** A program on a bench: virtual time, and a plant that does as it is told. */
export function bench(program: Program, options: BenchOptions = {}): Bench {
  return new Bench(program, options);
}

/** Made by {@link bench}. */
export class Bench {
  readonly said: string[] = [];
  readonly #points: readonly BenchPoint[];
  readonly #programs: Programs;
  readonly #period: Ms;
  #retained: RetainedRecord;
  #now = instant(0);
  #pulses: readonly string[] = [];
  readonly #alarms = new Map<string, boolean>();
  readonly #pools: ReadonlyMap<string, BenchPool>;

  constructor(program: Program, { period = "20ms", grace = "500ms", retained = {}, ...about }: BenchOptions) {
    this.#period = timeOf(period);
    const plant = about.plant === undefined ? undefined : loaded(about.plant);
    this.#points = plant ? pointsOf(plant) : sketched(about);
    this.#pools = poolsOf(plant, about.pools ?? []);
    this.#retained = { ...program.retained, ...retained };
    if (about.inputs) this.set(about.inputs);
    const times = { every: this.#period, grace: timeOf(grace), budget: ms(Infinity) };
    this.#programs = new Programs({
      programs: [{ name: "program", ...times, program, locate: () => undefined }],
      points: this.#points,
      clock: { now: () => this.#now, wall: () => wallTime(BEGINNING + this.#now) },
      period: this.#period,
      isClosing: () => false,
      retained: {
        load: () => retained,
        changed: (_, values) => (this.#retained = { ...this.#retained, ...values }),
      },
      openAlarm: (rule) => this.#alarm(rule),
      pools: this.#pools,
      tell: (_, event, { text }) => {
        if (event === "program.says") this.said.push(String(text));
      },
    });
  }

  /** The slaves show this from the next cycle on. */
  set(values: Values): void {
    for (const [device, tags] of Object.entries(values)) {
      for (const [tag, value] of Object.entries(tags)) this.#find(`${device}.${tag}`).show(value, this.#now);
    }
  }

  /** These tags have no value until they are set again. */
  lose(...tags: readonly string[]): void {
    for (const tag of tags) this.#find(tag).lose("offline");
  }

  /** Runs the cycles of this time; one where nothing is said. */
  step(time?: string): void {
    const end = plus(this.#now, time === undefined ? this.#period : timeOf(time));
    while (this.#now < end) {
      const before = this.#points.map(({ pulses }) => pulses);
      this.#programs.step(this.#now);
      const sent = this.#points.filter(({ pulses }, at) => pulses > (before[at] ?? 0));
      this.#pulses = [...this.#pulses, ...sent.map(({ path }) => path)];
      this.#now = plus(this.#now, this.#period);
    }
  }

  /** What the program keeps its levels at, by device and tag. */
  get outputs(): Values {
    const outputs: Record<string, Record<string, Value>> = {};
    for (const point of this.#points) {
      const wanted = point.wanted();
      if (wanted !== undefined) (outputs[point.device] ??= {})[point.tag] = wanted;
    }
    return outputs;
  }

  /** The pulses it has sent: `infeed.jog`. */
  get pulses(): readonly string[] {
    return this.#pulses;
  }

  /** The jobs it has ordered, oldest first. */
  get jobs(): readonly BenchJob[] {
    return [...this.#pools.values()].flatMap(({ jobs }) => jobs).toSorted((a, b) => a.number - b.number);
  }

  /** A device of the pool has a job, or it has ended: `running`, `done`, `failed`; `result` is the device's own word. */
  setJob(id: string, state: string, result?: string): void {
    const pool = [...this.#pools.values()].find((each) => each.find(id));
    if (!pool) throw new Error(`no job "${id}" was ordered`);
    pool.set(id, state, result);
  }

  /** The alarms it named, by what it set them to last. */
  get alarms(): Readonly<Record<string, boolean>> {
    return Object.fromEntries(this.#alarms);
  }

  get state(): ProgramState["state"] {
    return this.#state.state;
  }

  /** Why it is not running. */
  get reason(): string | undefined {
    const state = this.#state;
    if (state.state === "running") return undefined;
    return state.state === "blind" ? `${state.tag ?? "nothing"} is ${state.reason}` : state.reason;
  }

  get retained(): RetainedRecord {
    return this.#retained;
  }

  get #state(): ProgramState {
    const [state] = this.#programs.states.values();
    if (!state) throw new Error("the bench has no program");
    return state;
  }

  #alarm(rule: Parameters<OpenAlarm>[0]): ReturnType<OpenAlarm> {
    const name = rule.name.slice(rule.name.indexOf(".") + 1);
    if (OWN_ALARMS.some((own) => own === name)) return { set: () => undefined };
    this.#alarms.set(name, false);
    return {
      set: (cause) => {
        if (cause !== undefined) this.#alarms.set(name, cause);
      },
    };
  }

  #find(path: string): BenchPoint {
    const point = this.#points.find((each) => each.path === path);
    if (!point) throw new Error(`${path} is no tag of this bench; name it under inputs or outputs, or give it a plant`);
    return point;
  }
}

function sketched({ inputs = {}, outputs = {} }: BenchOptions): readonly BenchPoint[] {
  const ofOutputs = pairsOf(outputs).map(([device, tag, safe]) => {
    const point = sketchedPoint(device, tag, safe);
    point.show(safe, instant(0));
    return point;
  });
  const known = new Set(ofOutputs.map(({ path }) => path));
  const ofInputs = pairsOf(inputs).filter(([device, tag]) => !known.has(`${device}.${tag}`));
  return [...ofInputs.map(([device, tag]) => sketchedPoint(device, tag, undefined)), ...ofOutputs];
}

function pairsOf(values: Values): readonly (readonly [device: string, tag: string, value: Value])[] {
  return Object.entries(values).flatMap(([device, tags]) =>
    Object.entries(tags).map(([tag, value]) => [device, tag, value] as const),
  );
}

function loaded(file: string): Plant {
  const plant = loadPlant(file);
  if (!plant.ok) throw new Error(formatIssues(plant.failure));
  return plant.value;
}

function poolsOf(plant: Plant | undefined, names: readonly string[]): ReadonlyMap<string, BenchPool> {
  let orders = 0;
  const number = (): number => ++orders;
  const sketches = names.map((name) => [name, new BenchPool(name, undefined, number)] as const);
  const real = [...(plant?.pools ?? [])].map(([name, [first = ""]]) => {
    return [name, new BenchPool(name, plant?.devices.get(first)?.profile.mailbox, number)] as const;
  });
  return new Map([...sketches, ...real]);
}

/** All tags of a plant, at rest. */
function pointsOf({ devices }: Plant): readonly BenchPoint[] {
  return tagTable(devices.values()).map((entry) => {
    const point = tagPoint(entry);
    const value = atRest(entry.tag);
    if (value !== null) point.show(value, instant(0));
    return point;
  });
}

function timeOf(text: string): Ms {
  const span = parseDuration(text);
  if (span === undefined || span <= 0) throw new TypeError(`"${text}" is no time; write "20ms" or "1s"`);
  return span;
}
