import type { Device } from "../../src/device/profile.ts";
import type { Random } from "../../src/kit/random.ts";
import type { TagMemory } from "../memory/tag-memory.ts";
import { World } from "../world/world.ts";
import { Conveylinx } from "./conveylinx.ts";
import { Conveyor } from "./conveyor.ts";
import { EnergyMeter } from "./energy-meter.ts";
import type { Model } from "./model.ts";
import { type ArmLogEntry, RobotArm } from "./robot-arm.ts";
import { UniversalRobots } from "./universal-robots.ts";
import { VltDrive } from "./vlt-drive.ts";

export interface Models {
  readonly world: World;
  /** By device; a device whose profile nobody modelled has registers and no process. */
  readonly models: ReadonlyMap<string, Model>;
}

/** Takes what an arm, by its name, writes into its log. */
export type ArmLog = (device: string, entry: ArmLogEntry) => void;

export interface ModelSurroundings {
  readonly memoryOf: (device: string) => TagMemory;
  readonly random: Random;
  readonly armLog?: ArmLog | undefined;
  /** That come from outside, if they end. */
  readonly boxes?: number | undefined;
}

/** Puts the devices into one world, in the order of the plant's file. */
export function createModels(
  devices: readonly Device[],
  { memoryOf, random, boxes, armLog = () => undefined }: ModelSurroundings,
): Models {
  const conveyors = devices.filter(({ profile }) => profile.name === "takt/conveyor");
  const arms = devices.filter(({ profile }) => profile.name === "takt/robot-arm");
  const world = new World({ conveyors: conveyors.length, arms: arms.length, random, boxes });
  const drives: VltDrive[] = [];
  const load = (): number => CELL_WATTS + drives.reduce((watts, drive) => watts + drive.power, 0);
  const modelOf = (device: Device): Model | undefined => {
    const memory = memoryOf(device.name);
    switch (device.profile.name) {
      case "takt/conveyor":
        return conveyor({ world, memory, random, index: conveyors.indexOf(device) });
      case "takt/robot-arm":
        return new RobotArm({ memory, random, ...stationsOf(world), log: (entry) => armLog(device.name, entry) });
      case "pulseroller/conveylinx":
        return new Conveylinx(memory, random);
      case "universal-robots/ur":
        return new UniversalRobots(memory, random);
      case "danfoss/vlt":
        return kept(drives, new VltDrive(memory));
      case "eastron/sdm630":
        return new EnergyMeter({ memory, random, load });
      default:
        return undefined;
    }
  };
  const models = devices.flatMap((device) => {
    const model = modelOf(device);
    return model ? [[device.name, model] as const] : [];
  });
  return { world, models: new Map(models) };
}

function stationsOf({ pickStation, placeStation }: World): Pick<World, "pickStation" | "placeStation"> {
  return { pickStation, placeStation };
}

/** What the rest of the plant takes, in watts: every meter measures all of it, and every drive. */
const CELL_WATTS = 320;

function kept<T>(list: T[], item: T): T {
  list.push(item);
  return item;
}

interface ConveyorPlace {
  readonly world: World;
  readonly memory: TagMemory;
  readonly random: Random;
  readonly index: number;
}

function conveyor({ world, memory, random, index }: ConveyorPlace): Model | undefined {
  const belt = world.belts[index];
  return belt && new Conveyor({ memory, belt, random, holdAtExit: belt.endsAtStop });
}
