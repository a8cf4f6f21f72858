import { createHash } from "node:crypto";
import type { CommandResult } from "../../../src/command/command.ts";
import { type Outcome, sentNothing } from "../../../src/device/outcome.ts";
import { seededRandom } from "../../../src/kit/random.ts";
import { type Instant, instant, ms, plus } from "../../../src/kit/time.ts";
import { ScanBench } from "./scan-bench.ts";
import { type DeviceSketch, level, plantLike, pulse } from "../plants/scan-plant.ts";

export interface CommandHours {
  readonly seed: number;
  readonly hours: number;
}

export interface CommandReport {
  readonly asked: number;
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  /** Done by the slaves. */
  readonly pulses: number;
  /** Masters that ended without a word, and in order. */
  readonly kills: number;
  readonly stops: number;
  /** Interlocks that took a level back. */
  readonly trips: number;
  /** Requests that wrote several levels. */
  readonly merged: number;
  readonly broken: readonly string[];
  /** Of everything that happened: the same seed gives the same. */
  readonly hash: string;
}

const BELT: DeviceSketch = {
  tags: {
    jam: { table: "discrete", address: 1, type: "bool", scanClass: "fast" },
    run: {
      table: "coil",
      type: "bool",
      scanClass: "fast",
      write: level({
        safe: { value: false },
        onReturn: "safe",
        requires: [{ tag: "jam", test: { kind: "is", any: [false] } }],
      }),
    },
    speed: { address: 0, scanClass: "fast", write: level({ safe: { value: 0 }, onReturn: "hold" }) },
    torque: { address: 1, scanClass: "fast", write: level({ safe: { value: 0 }, onReturn: "hold" }) },
    kick: { table: "coil", address: 9, type: "bool", scanClass: "onDemand", write: pulse() },
  },
  commands: {
    start: {
      args: { speed: { range: [0, 60000] } },
      requires: [{ jam: false }],
      steps: [{ write: { speed: "$speed", torque: "$speed", run: true } }, { expect: { run: true }, within: "2s" }],
      otherwise: [{ write: { run: false } }],
    },
    kick: { steps: [{ write: { kick: true } }, { wait: "300ms" }] },
    purge: { arm: "3s", steps: [{ write: { kick: true } }] },
    stop: { preempts: true, steps: [{ write: { run: false } }] },
  },
};

const LEVELS = [
  { tag: "run", table: "coil", address: 0 },
  { tag: "speed", table: "holding", address: 0 },
  { tag: "torque", table: "holding", address: 1 },
] as const;

const UNITS = [1, 2, 3];
const PERIOD = ms(100);
/** How long one master lives, and how long it may take until everything is settled once the faults are over. */
const LIFE = ms(300_000);
const QUIET = "60s";
/** Reading a jam, judging it, and the last try of a write that was let through before. */
const INTERLOCK_WITHIN = 1600;
/** The same with readings that are lost. */
const TRIPPED_WITHIN = 3000;

/** Random commands to three belts whose line, requests and answers get lost, under masters that are killed and follow each other. */
export async function commandHours({ seed, hours }: CommandHours): Promise<CommandReport> {
  const run = new HoursRun(seed);
  for (let spent = 0; spent < hours * 3_600_000; spent += LIFE) await run.live();
  return run.report();
}

interface Asked {
  readonly device: number;
  readonly pulse: boolean;
  /** Written to `speed` and `torque` by this command and no other. */
  readonly speed: number | undefined;
}

class HoursRun {
  readonly #random: () => number;
  readonly #hash = createHash("sha256");
  readonly #broken: string[] = [];
  readonly #outcomes: Partial<Record<Outcome, number>> = {};
  readonly #seed: number;
  #bench: ScanBench;
  #asked = new Map<string, Asked>();
  #armed: { readonly device: string; readonly id: string } | undefined;
  #next = 1;
  #totals = { asked: 0, pulses: 0, kills: 0, stops: 0, trips: 0, merged: 0 };

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = seededRandom(seed);
    this.#bench = this.#master();
  }

  /** One master from its start to its end. */
  async live(): Promise<void> {
    const bench = this.#bench;
    while (bench.now < LIFE) {
      this.#judgeTrips();
      this.#disturb();
      if (this.#random() < 0.25) this.#ask();
      await bench.run(`${PERIOD * (1 + Math.floor(this.#random() * 8))}ms`);
    }
    await (this.#random() < 0.5 ? this.#kill() : this.#stop());
    this.#judge();
    this.#bench = this.#successor();
  }

  report(): CommandReport {
    const hash = this.#hash.digest("hex").slice(0, 16);
    return { ...this.#totals, outcomes: this.#outcomes, broken: this.#broken, hash };
  }

  #master(): ScanBench {
    const limits = { mergeWrites: this.#seed % 2 === 0 };
    const devices = Object.fromEntries(UNITS.map((unit) => [`belt${unit}`, { ...BELT, unit, limits }]));
    const classes = new Map([
      ["fast", PERIOD],
      ["normal", ms(200)],
      ["slow", ms(1000)],
    ]);
    const plant = { ...plantLike(devices), scan: { period: PERIOD, classes } };
    return new ScanBench(plant, { window: 1 + Math.floor(this.#random() * 3) });
  }

  /** The slaves are what they were. */
  #successor(): ScanBench {
    const next = this.#master();
    for (const unit of UNITS) {
      const [before, after] = [this.#bench.unit(unit), next.unit(unit)];
      for (const { table, address } of [...LEVELS, { table: "discrete", address: 1 } as const])
        after.set(table, address, before.get(table, address));
    }
    this.#asked = new Map();
    this.#armed = undefined;
    return next;
  }

  #disturb(): void {
    const random = this.#random;
    const bench = this.#bench;
    const unit = bench.unit(this.#unit());
    if (random() < 0.04) unit.set("discrete", 1, random() < 0.2 ? 1 : 0);
    if (random() < 0.03) unit.silent = random() < 0.25;
    if (random() < 0.02) unit.latency = ms(random() * 90);
    if (random() < 0.02) unit.writes = this.#pick(["executed", "executed", "swallowed", "echoOnly", "answerLost"]);
    if (random() < 0.01) unit.writeException = this.#pick([undefined, undefined, 4, 6, 2]);
    if (random() < 0.02) {
      const lossy = random() < 0.3;
      unit.fate = () => (lossy ? this.#pick(["delivered", "delivered", "lost", "answerLost", "damaged"]) : "delivered");
    }
    if (random() < 0.01) {
      // it started anew
      for (const { table, address } of LEVELS) unit.set(table, address, 0);
    }
    if (random() < 0.01) bench.line().down();
    if (bench.line().state.state === "down" && random() < 0.3) bench.line().open();
    if (random() < 0.01) bench.engine.setService(`belt${this.#unit()}`, random() < 0.6);
  }

  #ask(): void {
    const bench = this.#bench;
    const unit = this.#unit();
    const device = `belt${unit}`;
    const id = `c${this.#next++}`;
    const speed = 1 + (this.#next % 60_000);
    const note = (pulses: boolean, written?: number): unknown =>
      this.#asked.set(id, { device: unit, pulse: pulses, speed: written });
    this.#totals.asked++;
    switch (this.#pick(["start", "start", "set", "set", "run", "kick", "jog", "stop", "arm", "purge", "cancel"])) {
      case "start":
        return (note(false, speed), void bench.call(device, "start", { speed }, { id }));
      case "set":
        return (note(false, speed), void bench.set(device, { speed, torque: speed }, { id }));
      case "run":
        return (note(false), void bench.set(device, { run: this.#random() < 0.7 }, { id }));
      case "kick":
        return (note(true), void bench.call(device, "kick", {}, { id }));
      case "jog":
        return (note(true), void bench.set(device, { kick: true }, { id }));
      case "stop":
        return (note(false), void bench.call(device, "stop", {}, { id }));
      case "arm":
        note(false);
        this.#armed = { device, id };
        return bench.accept({ device, id, arm: "purge", ttl: ms(2000), receivedAt: bench.now, origin: "test" });
      case "purge": {
        const armed = this.#armed;
        note(true);
        this.#asked.set(id, { device: Number(armed?.device.slice(4) ?? unit), pulse: true, speed: undefined });
        return void bench.call(armed?.device ?? device, "purge", {}, { id, ...(armed && { armed: armed.id }) });
      }
      case "cancel": {
        this.#totals.asked--;
        const [last] = [...this.#asked].slice(-1);
        if (last) bench.cancel(`belt${last[1].device}`, last[0]);
        return undefined;
      }
    }
  }

  /** Without a word: what it had under way nobody answers. */
  async #kill(): Promise<void> {
    this.#totals.kills++;
    this.#bench.pacemaker.stop();
    this.#bench.line().down("killed");
    await this.#bench.run("1s");
  }

  /** The faults are over, everything is settled, and the master ends in order. */
  async #stop(): Promise<void> {
    this.#totals.stops++;
    const bench = this.#bench;
    for (const unit of UNITS) {
      const slave = bench.unit(unit);
      Object.assign(slave, { silent: false, latency: ms(2), writes: "executed", writeException: undefined });
      slave.fate = () => "delivered";
      bench.engine.setService(`belt${unit}`, true);
    }
    bench.line().open();
    await bench.run(QUIET);
    if (bench.activeCommands > 0) this.#break(`${bench.activeCommands} commands never end`);
    for (const id of this.#asked.keys())
      if (!bench.results.some((result) => result.id === id)) this.#break(`${id} has no outcome`);
    this.#judgeLevels();
    const unconfirmed = bench.engine.outputs.enterSafeState(plus(bench.now, ms(2000)));
    await bench.run("3s");
    const listed = unconfirmed().map(({ entry }) => `${entry.device.name}/${entry.tag.name}`);
    for (const unit of UNITS)
      for (const { tag, table, address } of LEVELS) {
        if (bench.unit(unit).get(table, address) === 0 || listed.includes(`belt${unit}/${tag}`)) continue;
        this.#break(`belt${unit}/${tag} is not safe, and not listed`);
      }
    if (listed.length > 0) this.#break(`not confirmed safe without any fault: ${listed.join(", ")}`);
  }

  /** What is wanted is what the slaves hold, and an interlock that is gone has made its level safe. */
  #judgeLevels(): void {
    const bench = this.#bench;
    for (const unit of UNITS) {
      for (const { tag, table, address } of LEVELS) {
        const wanted = bench.engine.outputs.wanted(bench.entry(`belt${unit}/${tag}`));
        const held = bench.unit(unit).get(table, address);
        if (wanted !== undefined && Number(wanted) !== held)
          this.#break(`belt${unit}/${tag} holds ${held}, wanted is ${String(wanted)}`);
        if (tag === "run" && wanted === true && bench.unit(unit).get("discrete", 1) === 1)
          this.#break(`belt${unit}/run is wanted though it is jammed`);
      }
    }
  }

  /** While the master lives: a level whose interlock has long been gone is not kept. */
  #judgeTrips(): void {
    const bench = this.#bench;
    for (const unit of UNITS) {
      const last = bench.unit(unit).history("discrete", 1).at(-1);
      if (last?.value !== 1 || bench.now - last.at < TRIPPED_WITHIN || bench.status(`belt${unit}`) !== "online")
        continue;
      if (bench.engine.outputs.wanted(bench.entry(`belt${unit}/run`)) === true)
        this.#break(`belt${unit}/run is kept true at ${bench.now}, jammed since ${last.at}`);
    }
  }

  #judge(): void {
    const bench = this.#bench;
    const seen = new Set<string>();
    for (const result of bench.results) {
      if (seen.has(result.id)) this.#break(`${result.id} has two outcomes`);
      seen.add(result.id);
      this.#outcomes[result.outcome] = (this.#outcomes[result.outcome] ?? 0) + 1;
      this.#judgeSpeed(result);
    }
    this.#totals.trips += bench.sink.events.filter(({ event }) => event === "output.tripped").length;
    for (const unit of UNITS) {
      this.#judgePulses(unit);
      this.#judgeInterlock(unit);
    }
    this.#totals.merged += bench
      .line()
      .writes()
      .filter(({ request }) => request.fc === 16).length;
    for (const { at, unit, request } of bench.line().writes())
      this.#hash.update(`${at} ${unit} ${JSON.stringify(request)}\n`);
    for (const { id, outcome, reason } of bench.results) this.#hash.update(`${id} ${outcome} ${reason ?? ""}\n`);
  }

  /** Each speed was asked for by one command: the slave says whether the outcome is true. */
  #judgeSpeed({ id, outcome, results }: CommandResult): void {
    const asked = this.#asked.get(id);
    if (asked?.speed === undefined) return;
    for (const { tag, table, address } of LEVELS) {
      if (table === "coil") continue;
      const history = this.#bench.unit(asked.device).history(table, address);
      const held = history.some(({ value }) => value === asked.speed);
      const part = results[tag]?.outcome ?? outcome;
      if (held && (sentNothing(part) || part === "refused")) this.#break(`${id} is ${part}, and ${tag} was written`);
      if (!held && part === "verified") this.#break(`${id} is verified, and ${tag} was never written`);
    }
  }

  /** No more were done than commands that may have sent one. */
  #judgePulses(unit: number): void {
    const bench = this.#bench;
    const done = bench.unit(unit).history("coil", 9).length;
    const sent = bench
      .line()
      .writes(unit)
      .filter(({ request }) => request.fc === 5 && request.address === 9).length;
    const outcomes = new Map(bench.results.map(({ id, results }) => [id, results["kick"]?.outcome]));
    const may = [...this.#asked].filter(([id, asked]) => {
      const outcome = outcomes.get(id);
      const untold = !outcomes.has(id);
      return asked.device === unit && asked.pulse && (untold || (outcome !== undefined && !sentNothing(outcome)));
    }).length;
    this.#totals.pulses += done;
    if (done > may) this.#break(`belt${unit} kicked ${done} times for ${may} commands`);
    if (done > sent) this.#break(`belt${unit} kicked ${done} times for ${sent} requests`);
  }

  /** The belt is never told to run while a jam has stood for longer than it takes to see and to judge it. */
  #judgeInterlock(unit: number): void {
    const slave = this.#bench.unit(unit);
    const jams = slave.history("discrete", 1);
    const jammedSince = (at: Instant): Instant | undefined => {
      const before = jams.filter((each) => each.at <= at);
      const clear = before.findLastIndex(({ value }) => value === 0);
      return before[clear + 1]?.at;
    };
    for (const { at, request } of this.#bench.line().writes(unit)) {
      if (request.fc !== 5 || request.address !== 0 || !request.value) continue;
      const since = jammedSince(at) ?? instant(Infinity);
      if (at - since > INTERLOCK_WITHIN) this.#break(`belt${unit} was told to run ${at - since} ms into a jam`);
    }
  }

  #break(what: string): void {
    this.#broken.push(`seed ${this.#seed}, master ${this.#totals.kills + this.#totals.stops}: ${what}`);
  }

  #unit(): number {
    return this.#pick(UNITS);
  }

  #pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.#random() * of.length)] as T;
  }
}
