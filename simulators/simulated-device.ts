import type { Device } from "../src/device/profile.ts";
import { type Ms, ms } from "../src/kit/time.ts";
import { AddressSpace } from "./memory/address-space.ts";
import { TagMemory, tagMappings } from "./memory/tag-memory.ts";
import { exceptionAnswer } from "./wire/exception-code.ts";
import { answerPdu, type Slave } from "./wire/slave.ts";
import type { Reply } from "./wire/reply.ts";

/** What may be wrong with a device. */
export type Fault =
  /** It takes requests and never answers. */
  | { readonly kind: "silent" }
  | { readonly kind: "delay"; readonly by: Ms }
  /** It refuses everything with this code. */
  | { readonly kind: "exception"; readonly code: number }
  /** It resets the connection on which it is asked. */
  | { readonly kind: "drop" }
  /** It answers, but its values stand still: its process no longer moves. */
  | { readonly kind: "frozen" }
  /** Its supply is cut: silent, and what it holds falls. Healed, it starts anew. */
  | { readonly kind: "off" };

/** One simulated slave at run time. */
export class SimulatedDevice {
  readonly name: string;
  readonly line: string;
  readonly unit: number;
  readonly memory: TagMemory;
  /** Its supply is cut, or back; whoever moves the process behind it listens. */
  onPower: (isOn: boolean) => void = () => undefined;
  #fault: Fault | undefined;

  constructor(device: Device, space: AddressSpace) {
    this.name = device.name;
    this.line = device.line;
    this.unit = device.unit;
    this.memory = new TagMemory(space, device.tags);
  }

  get currentFault(): Fault | undefined {
    return this.#fault;
  }

  /** Whether its process goes on. */
  get isMoving(): boolean {
    return this.#fault?.kind !== "frozen" && this.#fault?.kind !== "off";
  }

  /** Makes the device misbehave until `heal`, or until another fault takes this one's place. */
  fault(fault: Fault): void {
    this.#change(fault);
  }

  heal(): void {
    this.#change(undefined);
  }

  #change(fault: Fault | undefined): void {
    const wasOn = this.#fault?.kind !== "off";
    const isOn = fault?.kind !== "off";
    this.#fault = fault;
    if (isOn !== wasOn) this.onPower(isOn);
  }
}

/** The devices behind one unit number (one, or one controller with several profiles) and their common registers. */
export interface SimulatedUnit {
  readonly devices: readonly SimulatedDevice[];
  readonly slave: Slave;
  /** How long it takes at most to answer on a serial wire. */
  readonly turnaround: Ms;
}

/** `strict`: registers between tags are refused with exception 02 instead of being read as 0. */
export function simulateUnit(devices: readonly Device[], { strict }: { readonly strict: boolean }): SimulatedUnit {
  const mappings = devices.flatMap((device) => tagMappings(device.tags.values()));
  const space = new AddressSpace(mappings, strict ? 0 : Math.max(0, ...devices.map((device) => device.limits.gap)));
  return {
    devices: devices.map((device) => new SimulatedDevice(device, space)),
    turnaround: ms(Math.max(0, ...devices.map(({ timing }) => timing.turnaround))),
    slave: {
      functions: new Set(devices.flatMap((device) => [...device.profile.functions])),
      limits: {
        readRegisters: Math.max(...devices.map((device) => device.limits.readRegisters)),
        readBits: Math.max(...devices.map((device) => device.limits.readBits)),
        writeRegisters: Math.max(...devices.map((device) => device.limits.writeRegisters)),
      },
      space,
      identity: identityOf(devices),
    },
  };
}

function identityOf(devices: readonly Device[]): Slave["identity"] {
  const profile = devices[0]?.profile;
  const model = profile?.name ?? "";
  return {
    serverId: devices[0]?.unit ?? 0,
    description: `takt simulator ${model}`,
    objects: new Map([
      [0, "takt simulator"],
      [1, model],
      [2, "1.0"],
      [4, profile?.title ?? ""],
      [5, model],
      [6, devices[0]?.name ?? ""],
    ]),
  };
}

/** What the unit does with a request, its faults considered. */
export function replyOf({ devices, slave }: SimulatedUnit, pdu: Buffer): Reply {
  const fault = devices.find((device) => device.currentFault)?.currentFault;
  switch (fault?.kind) {
    case "silent":
    case "off":
      return { kind: "silence" };
    case "drop":
      return { kind: "drop" };
    case "exception":
      return { kind: "answer", pdu: exceptionAnswer(pdu[0] ?? 0, fault.code), after: ms(0) };
    case "delay":
      return { kind: "answer", pdu: answerPdu(slave, pdu), after: fault.by };
    case "frozen":
    case undefined:
      return { kind: "answer", pdu: answerPdu(slave, pdu), after: ms(0) };
  }
}
