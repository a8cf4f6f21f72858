import type { ArmLogEntry } from "../../../simulators/models/robot-arm.ts";
import { createModels } from "../../../simulators/models/create-models.ts";
import { connectSupply } from "../../../simulators/supply.ts";
import { type SimulatedDevice, type SimulatedUnit, simulateUnit } from "../../../simulators/simulated-device.ts";
import type { World } from "../../../simulators/world/world.ts";
import type { Plant } from "../../../src/config/plant/plant.ts";
import type { Device } from "../../../src/device/profile.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import type { Random } from "../../../src/kit/random.ts";
import { ok } from "../../../src/kit/result.ts";
import { type Ms, ms } from "../../../src/kit/time.ts";
import type { Answer, Request } from "../../../src/modbus/request.ts";
import { type FakeAnswer, FakeUnit } from "../slaves/fake-unit.ts";

/** What an arm did, in the order it did it; a job is known by its mail, a box by its number. */
export interface ArmDeed {
  readonly arm: string;
  readonly boot: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly command: string;
  took: number | undefined;
  delivered: boolean;
  dropped: boolean;
  ended: string | undefined;
}

export interface ArmCellOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** That come from outside where there is a belt, if they end. */
  readonly boxes?: number;
}

const STEP_SECONDS = 0.02;

/** The simulated devices of a plant on a virtual clock, without any wire; the arms' own logs are the judge. */
export class ArmCell {
  readonly deeds: ArmDeed[] = [];
  readonly units: ReadonlyMap<string, CellUnit>;
  readonly arms: ReadonlyMap<string, CellArm>;
  readonly belts: readonly CellUnit[];
  readonly world: World;
  /** Boxes that an arm has put down, in that order, and those that fell. */
  readonly delivered: number[] = [];
  readonly dropped: number[] = [];

  constructor(plant: Plant, { clock, random, boxes }: ArmCellOptions) {
    const devices = [...plant.devices.values()];
    this.arms = new Map(
      devices.filter(isArm).map((device) => [device.name, new CellArm(device, clock, (deed) => this.deeds.push(deed))]),
    );
    this.units = new Map(
      devices.map((device) => [device.name, this.arms.get(device.name) ?? new CellUnit(device, clock)]),
    );
    this.belts = devices.filter(isBelt).flatMap(({ name }) => this.units.get(name) ?? []);
    const { world, models } = createModels(devices, {
      memoryOf: (name) => this.#device(name).memory,
      random,
      boxes,
      armLog: (name, entry) => this.#note(name, entry),
    });
    this.world = world;
    const simulated = devices.map(({ name }) => this.#device(name));
    connectSupply(simulated, models);
    for (const arm of this.arms.values()) arm.switchToJobs();
    clock.every("cell", ms(STEP_SECONDS * 1000), () => {
      world.step(STEP_SECONDS);
      for (const { name, isMoving } of simulated) if (isMoving) models.get(name)?.step(STEP_SECONDS);
    });
  }

  /** An operator starts the belts that stopped by themselves when they missed their master. */
  startBelts(): void {
    for (const { device } of this.belts) if (device.memory.get("state") === "stopped") device.memory.set("run", true);
  }

  #device(name: string): SimulatedDevice {
    const unit = this.units.get(name);
    if (!unit) throw new Error(`the cell has no device ${name}`);
    return unit.device;
  }

  #note(name: string, entry: ArmLogEntry): void {
    if (entry.kind === "put") this.delivered.push(entry.box);
    if (entry.kind === "dropped") this.dropped.push(entry.box);
    this.arms.get(name)?.note(entry);
  }
}

const isBelt = ({ profile }: Device): boolean => profile.name === "takt/conveyor";
const isArm = ({ profile }: Device): boolean => profile.name === "takt/robot-arm";

/** One simulated unit as the fake line asks it; without its supply it hears nothing. */
export class CellUnit extends FakeUnit {
  readonly device: SimulatedDevice;
  readonly #unit: SimulatedUnit;
  readonly #clock: Clock;

  constructor(device: Device, clock: Clock) {
    super(clock);
    this.#clock = clock;
    this.#unit = simulateUnit([device], { strict: false });
    const [simulated] = this.#unit.devices;
    if (!simulated) throw new Error("no device");
    this.device = simulated;
  }

  get alive(): boolean {
    return this.device.currentFault?.kind !== "off";
  }

  /** How much later than asked a mail is carried out, its answer lost; undefined: at once. */
  delayOfMail: () => Ms | undefined = () => undefined;

  override take(request: Request): FakeAnswer {
    const delay = this.alive && request.fc === 16 ? this.delayOfMail() : undefined;
    if (delay !== undefined) {
      // It lies in the memory of a gateway, and may come after others.
      const boot = this.device.memory.number("bootId");
      this.#clock.after("late mail", delay, () => {
        if (this.alive && this.device.memory.number("bootId") === boot) answerOf(this.#unit, request);
      });
      return { heard: true, answer: "silence" };
    }
    const fate = this.alive ? this.fate(request) : "lost";
    if (fate === "lost") return { heard: false, answer: "silence" };
    const answer = answerOf(this.#unit, request);
    return { heard: true, answer: fate === "answerLost" ? "silence" : ok(answer) };
  }
}

export class CellArm extends CellUnit {
  readonly #begin: (deed: ArmDeed) => void;
  #deed: ArmDeed | undefined;

  constructor(device: Device, clock: Clock, begin: (deed: ArmDeed) => void) {
    super(device, clock);
    this.#begin = begin;
  }

  /** The deed it is at, if any. */
  get current(): ArmDeed | undefined {
    return this.#deed?.ended === undefined ? this.#deed : undefined;
  }

  /** Its supply is cut: what it held falls. */
  kill(): void {
    this.device.fault({ kind: "off" });
    this.#deed = undefined;
  }

  /** It starts anew, knowing nothing of before; an operator switches it to jobs. */
  revive(): void {
    this.device.heal();
    this.switchToJobs();
  }

  switchToJobs(): void {
    const { memory } = this.device;
    memory.set("enable", true);
    memory.set("auto", false);
    // A master that is away for long is another story: the arm then ends the job itself.
    memory.set("watchdogTimeout", 60);
  }

  note(entry: ArmLogEntry): void {
    if (entry.kind === "accepted") return this.#accept(entry);
    const deed = this.#deed;
    if (!deed) return;
    if (entry.kind === "ended") deed.ended = entry.result;
    else if (entry.kind === "took") deed.took = entry.box;
    else if (entry.kind === "put") deed.delivered = true;
    else deed.dropped = true;
  }

  #accept({ epoch, sequence, command }: ArmLogEntry & { kind: "accepted" }): void {
    if (command === "none") return;
    this.#deed = {
      ...{ arm: this.device.name, boot: this.device.memory.number("bootId"), epoch, sequence, command },
      ...{ took: undefined, delivered: false, dropped: false, ended: undefined },
    };
    this.#begin(this.#deed);
  }
}

function answerOf({ slave: { space } }: SimulatedUnit, request: Request): Answer {
  switch (request.fc) {
    case 1:
    case 2: {
      const cells = space.table(request.fc === 1 ? "coil" : "discrete").read(request.address, request.quantity);
      return { kind: "bits", bits: cells.map(Boolean) };
    }
    case 3:
    case 4: {
      const registers = space.table(request.fc === 3 ? "holding" : "input").read(request.address, request.quantity);
      return { kind: "registers", registers };
    }
    case 5:
      space.write("coil", request.address, [Number(request.value)]);
      return { kind: "written" };
    case 6:
      space.write("holding", request.address, [request.value]);
      return { kind: "written" };
    case 16:
      space.write("holding", request.address, request.values);
      return { kind: "written" };
    default:
      throw new Error(`the simulated cell is not asked with function ${request.fc}`);
  }
}
