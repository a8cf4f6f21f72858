import { type ArmLogEntry, RobotArm } from "../../simulators/models/robot-arm.ts";
import { type SimulatedUnit, simulateUnit } from "../../simulators/simulated-device.ts";
import type { Box } from "../../simulators/world/belt.ts";
import { Zone } from "../../simulators/world/zone.ts";
import type { Plant } from "../../src/config/plant.ts";
import type { Device } from "../../src/device/profile.ts";
import type { Clock } from "../../src/kit/clock.ts";
import type { Random } from "../../src/kit/random.ts";
import { ok } from "../../src/kit/result.ts";
import { type Ms, ms } from "../../src/kit/time.ts";
import type { Answer, Request } from "../../src/modbus/request.ts";
import { type FakeAnswer, FakeUnit } from "./fake-unit.ts";

/** What an arm did, in the order it did it; a job is known by its mail. */
export interface ArmDeed {
  readonly arm: string;
  readonly boot: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly command: string;
  took: Box | undefined;
  delivered: boolean;
  dropped: boolean;
  ended: string | undefined;
}

const STEP_SECONDS = 0.02;

/** Arms of the simulator in front of one stack of boxes, on a virtual clock; their own logs are the judge. */
export class ArmCell {
  readonly deeds: ArmDeed[] = [];
  readonly arms: ReadonlyMap<string, CellArm>;
  readonly delivered: Box[] = [];
  readonly dropped: Box[] = [];
  /** Boxes to be picked. */
  readonly stack: Box[];

  constructor(plant: Plant, options: { readonly clock: Clock; readonly random: Random; readonly boxes: number }) {
    this.stack = Array.from({ length: options.boxes }, (_, id) => ({ id }));
    const zones = { pick: new Zone(), place: new Zone() };
    this.arms = new Map(
      [...plant.devices.values()].map((device) => [device.name, new CellArm(device, this, { ...options, zones })]),
    );
    options.clock.every("arms", ms(STEP_SECONDS * 1000), () => {
      for (const arm of this.arms.values()) arm.step();
    });
  }
}

interface ArmSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly zones: { readonly pick: Zone; readonly place: Zone };
}

/** One arm as the fake line asks it; dead, it hears nothing. */
export class CellArm extends FakeUnit {
  readonly #device: Device;
  readonly #cell: ArmCell;
  readonly #around: ArmSurroundings;
  #unit: SimulatedUnit | undefined;
  #model: RobotArm | undefined;
  #deed: ArmDeed | undefined;

  constructor(device: Device, cell: ArmCell, around: ArmSurroundings) {
    super(around.clock);
    this.#device = device;
    this.#cell = cell;
    this.#around = around;
    this.revive();
  }

  get alive(): boolean {
    return this.#model !== undefined;
  }

  /** The deed it is at, if any. */
  get current(): ArmDeed | undefined {
    return this.#deed?.ended === undefined ? this.#deed : undefined;
  }

  step(): void {
    this.#model?.step(STEP_SECONDS);
  }

  /** Its supply is cut: what it held falls. */
  kill(): void {
    const box = this.#model?.powerCut();
    if (box) {
      this.#cell.dropped.push(box);
      if (this.#deed) this.#deed.dropped = true;
    }
    this.#deed = undefined;
    this.#model = undefined;
    this.#unit = undefined;
  }

  /** It starts anew, knowing nothing of before; an operator switches it to jobs. */
  revive(): void {
    const unit = simulateUnit([this.#device], { strict: false });
    const memory = unit.devices[0]?.memory;
    if (!memory) throw new Error("no arm");
    const { zones, random } = this.#around;
    const { stack, delivered } = this.#cell;
    this.#unit = unit;
    this.#model = new RobotArm({
      memory,
      random,
      log: (entry) => this.#note(entry, memory.number("bootId")),
      pickStation: { zone: zones.pick, hasPart: () => stack.length > 0, take: () => this.#took(stack.shift()) },
      placeStation: {
        zone: zones.place,
        hasRoom: () => true,
        put: (box) => {
          delivered.push(box);
          if (this.#deed) this.#deed.delivered = true;
        },
      },
    });
    memory.set("auto", false);
    // A master that is away for long is another story: the arm then ends the job itself.
    memory.set("watchdogTimeout", 60);
  }

  /** How much later than asked a mail is carried out, its answer lost; undefined: at once. */
  delayOfMail: () => Ms | undefined = () => undefined;

  override take(request: Request): FakeAnswer {
    const delay = request.fc === 16 ? this.delayOfMail() : undefined;
    const unit = this.#unit;
    if (delay !== undefined && unit) {
      // It lies in the memory of a gateway, and may come after others.
      this.#around.clock.after("late mail", delay, () => this.#unit === unit && answerOf(unit, request));
      return { heard: true, answer: "silence" };
    }
    const fate = this.#unit ? this.fate(request) : "lost";
    if (fate === "lost" || !this.#unit) return { heard: false, answer: "silence" };
    const answer = answerOf(this.#unit, request);
    return { heard: true, answer: fate === "answerLost" ? "silence" : ok(answer) };
  }

  #took(box: Box | undefined): Box | undefined {
    if (this.#deed && box) this.#deed.took = box;
    return box;
  }

  #note(entry: ArmLogEntry, boot: number): void {
    if (entry.kind === "ended") {
      if (this.#deed) this.#deed.ended = entry.result;
      return;
    }
    const { epoch, sequence, command } = entry;
    if (command === "none") return;
    this.#deed = {
      ...{ arm: this.#device.name, boot, epoch, sequence, command },
      ...{ took: undefined, delivered: false, dropped: false, ended: undefined },
    };
    this.#cell.deeds.push(this.#deed);
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
      throw new Error(`the simulated arm is not asked with function ${request.fc}`);
  }
}
