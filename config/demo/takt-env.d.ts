// Written by `takt types plant.yaml`. Do not edit: write it anew when plant sorting-cell changes.

declare module "takt/program" {
  /**
   * What a program of a plant imports from `takt/program`. `takt types plant.yaml` writes these declarations beside a plant, with
   * its devices and tags in {@link Devices}.
   */

  /** The devices of the plant by name, each with its tags. Empty here: `takt types` fills it in. */
  export interface Devices {}

  /** Any device, any tag: where no types of a plant were written. */
  interface AnyDevices {
    [device: string]: { [tag: string]: any };
  }

  /** The pools of the plant by name, each with the jobs of its devices and their parameters. Empty here, too. */
  export interface Pools {}

  interface AnyPools {
    [pool: string]: { [job: string]: { [parameter: string]: number } };
  }

  type PlantPools = [keyof Pools] extends [never] ? AnyPools : Pools;

  type PlantDevices = [keyof Devices] extends [never] ? AnyDevices : Devices;

  /** `infeed.exitEye` */
  export type TagPath = {
    [D in keyof PlantDevices & string]: `${D}.${keyof PlantDevices[D] & string}`;
  }[keyof PlantDevices & string];

  type ValueAt<P extends string> = P extends `${infer D}.${infer T}`
    ? D extends keyof PlantDevices
      ? T extends keyof PlantDevices[D]
        ? PlantDevices[D][T]
        : never
      : never
    : never;

  /** A tag's value with all that is known of it. */
  export interface Peeked<V = unknown> {
    /** Null: there is none. */
    readonly value: V | null;
    readonly quality: "good" | "stale" | "bad";
    readonly reason: "ok" | "old" | "neverRead" | "offline" | "disabled" | "refused" | "sentinel" | "invalid";
    /** Milliseconds since its source time; infinite when it was never read. */
    readonly age: number;
  }

  export type Io = PlantDevices & {
    /** Value, quality and age of a tag, whatever its quality. */
    peek<P extends TagPath>(tag: P): Peeked<ValueAt<P>>;
  };

  /** What a program may keep over a restart: everything JSON can say. A change is a new value. */
  export type Retained = string | number | boolean | null | readonly Retained[] | { readonly [key: string]: Retained };

  type Widened<R> = {
    -readonly [K in keyof R]: R[K] extends string
      ? string
      : R[K] extends number
        ? number
        : R[K] extends boolean
          ? boolean
          : R[K];
  };

  export interface LogFields {
    readonly [name: string]: string | number | boolean | null | undefined;
  }

  /** Something that needs a person: `alarms.lost = true` while its cause stands. */
  export interface ProgramAlarm {
    /** What is wrong, for the operator. */
    readonly text: string;
    /** `medium` */
    readonly priority?: "low" | "medium" | "high" | "critical";
    /** How long the cause has to stand, and to be gone: `"2s"`. */
    readonly after?: string;
    readonly clearAfter?: string;
    /** Active until it is acknowledged once its cause is gone. */
    readonly latch?: boolean;
  }

  /** Where a job stands. */
  export interface Job {
    readonly state:
      "queued" | "assigned" | "sent" | "accepted" | "running" | "unknown" | "quarantined" | "done" | "failed";
    readonly device: string | undefined;
    readonly reason: string | undefined;
    readonly result: string | undefined;
  }

  /** Like devices that share work. */
  export interface Pool<Jobs> {
    /**
     * Orders a job when this cycle counts; gives its id. Numbers are the job's parameters, texts are labels that travel with it. An id
     * of your own makes the same order of two: that of the next run, say.
     */
    submit<J extends keyof Jobs & string>(
      job: J,
      about?: Jobs[J] & { readonly [label: string]: number | string },
      options?: { readonly id?: string; readonly priority?: number; readonly deadline?: string },
    ): string;
    /** Undefined: not known, or not yet. */
    job(id: string): Job | undefined;
  }

  export interface ProgramContext<R = {}, A = {}> {
    /** The plant: reading gives what stood there at the last latch, writing says what is wanted. */
    readonly io: Io;
    readonly time: {
      /** Milliseconds of the program's own time; it stands still in cycles that do not count. */
      readonly now: number;
      /** Milliseconds since 1970 by the gateway's wall clock, which may be wrong and may step. */
      readonly wall: number;
    };
    readonly log: {
      info(text: string, fields?: LogFields): void;
      warn(text: string, fields?: LogFields): void;
    };
    /** The variables named with the program. */
    readonly retain: Widened<R>;
    /** The alarms named with the program. */
    readonly alarms: { -readonly [K in keyof A]: boolean };
    readonly pools: { readonly [P in keyof PlantPools]: Pool<PlantPools[P]> };
  }

  /** What a program's module exports by default. */
  export interface Program {
    readonly retained: { readonly [name: string]: Retained };
  }

  /** A program: a function that runs once a cycle on the frozen image. */
  export function program(body: (context: ProgramContext) => void): Program;
  /** One with variables that survive a restart, named with their first values, and with alarms. */
  export function program<
    const R extends { readonly [name: string]: Retained } = {},
    const A extends { readonly [name: string]: ProgramAlarm } = {},
  >(options: { readonly retain?: R; readonly alarms?: A }, body: (context: ProgramContext<R, A>) => void): Program;

  /** `"150ms"`, `"2s"`, or milliseconds. */
  export type Time = string | number;

  /** True in the one cycle in which CLK becomes true. */
  export function R_TRIG(): (CLK: boolean) => boolean;
  /** True in the one cycle in which CLK becomes false. */
  export function F_TRIG(): (CLK: boolean) => boolean;

  type Timer = ((IN: boolean, PT?: Time) => boolean) & {
    readonly Q: boolean;
    /** Milliseconds elapsed, up to PT. */
    readonly ET: number;
  };

  /** On-delay: true once IN has been true for PT. */
  export function TON(PT: Time): Timer;
  /** Off-delay: true with IN, and for PT after it. */
  export function TOF(PT: Time): Timer;
  /** Pulse: true for PT from a rising edge of IN on. */
  export function TP(PT: Time): Timer;

  interface CounterOutputs {
    readonly Q: boolean;
    readonly CV: number;
  }

  /** Counts rising edges of CU; true from PV on. R sets it to 0. */
  export function CTU(PV: number): ((CU: boolean, R?: boolean, PV?: number) => boolean) & CounterOutputs;
  /** Counts down at rising edges of CD; true at 0 and below. LD sets it to PV. */
  export function CTD(PV: number): ((CD: boolean, LD?: boolean, PV?: number) => boolean) & CounterOutputs;
  /** Counts both ways; QU from PV on, QD at 0 and below. */
  export function CTUD(PV: number): (call: {
    readonly CU?: boolean;
    readonly CD?: boolean;
    readonly R?: boolean;
    readonly LD?: boolean;
  }) => {
    readonly QU: boolean;
    readonly QD: boolean;
    readonly CV: number;
  };

  /** Set and reset, set wins. */
  export function SR(): ((S1: boolean, R: boolean) => boolean) & { readonly Q1: boolean };
  /** Set and reset, reset wins. */
  export function RS(): ((S: boolean, R1: boolean) => boolean) & { readonly Q1: boolean };

  /** True above XIN2 + EPS, false below XIN2 - EPS, between them as it was. */
  export function HYSTERESIS(EPS: number): (XIN1: number, XIN2: number) => boolean;

  /** At X0 while RUN is false, then straight to X1 within TR. */
  export function RAMP(TR: Time): ((RUN: boolean, X0: number, X1: number) => number) & {
    readonly XOUT: number;
    readonly BUSY: boolean;
  };

  /** A controller: XOUT = KP * (e + integral(e) / TR + TD * de/dt) with e = SP - PV, kept within MIN and MAX. */
  export function PID(settings: {
    readonly KP: number;
    readonly TR?: Time;
    readonly TD?: Time;
    readonly MIN?: number;
    readonly MAX?: number;
  }): (inputs: { readonly PV: number; readonly SP: number; readonly AUTO?: boolean; readonly X0?: number }) => number;

  /** The devices of the plant. */
  interface Devices {
    /** Belt conveyor with drive, two photo-eyes and jam detection */
    readonly infeed: {
      /** the belt moves */
      readonly running: boolean;
      /** input */
      readonly jam: boolean;
      /** a box is in front of the photo-eye at the entry */
      readonly entryEye: boolean;
      /** a box is in front of the photo-eye at the exit */
      readonly exitEye: boolean;
      /** the drive is off until resetFault */
      readonly fault: boolean;
      /** the master's heartbeat stopped and the belt with it */
      readonly watchdogTripped: boolean;
      /** m/s */
      readonly speed: number;
      /** degC */
      readonly motorTemp: number;
      /** mm */
      readonly travelled: number;
      /** boxes that passed the entry eye */
      readonly boxesIn: number;
      /** boxes that left at the exit */
      readonly boxesOut: number;
      /** boxes on the belt */
      readonly boxes: number;
      /** another number after every start of the controller */
      readonly bootId: number;
      /** output */
      run: boolean;
      /** moves the belt for half a second; the controller takes the bit back, pulse */
      set jog(value: boolean);
      /** the belt pauses while a box stands at the exit eye, output */
      holdAtExit: boolean;
      /** ends a fault whose cause is gone; the controller takes the bit back, pulse */
      set resetFault(value: boolean);
      /** m/s, 0 to 2, output */
      speedSetpoint: number;
      /** the watchdog is content as long as this changes, pulse */
      set masterAlive(value: number);
      /** after how long without a change of masterAlive the belt stops; 0 switches the watchdog off, s, 0 to 60, output */
      watchdogTimeout: number;
      /** input */
      readonly faultCode: "none" | "jam" | "overload" | "overtemperature";
      /** input */
      readonly state: "stopped" | "starting" | "running" | "stopping" | "holding" | "fault" | "watchdog";
    };
    /** Belt conveyor with drive, two photo-eyes and jam detection */
    readonly outfeed: {
      /** the belt moves */
      readonly running: boolean;
      /** input */
      readonly jam: boolean;
      /** a box is in front of the photo-eye at the entry */
      readonly entryEye: boolean;
      /** a box is in front of the photo-eye at the exit */
      readonly exitEye: boolean;
      /** the drive is off until resetFault */
      readonly fault: boolean;
      /** the master's heartbeat stopped and the belt with it */
      readonly watchdogTripped: boolean;
      /** m/s */
      readonly speed: number;
      /** degC */
      readonly motorTemp: number;
      /** mm */
      readonly travelled: number;
      /** boxes that passed the entry eye */
      readonly boxesIn: number;
      /** boxes that left at the exit */
      readonly boxesOut: number;
      /** boxes on the belt */
      readonly boxes: number;
      /** another number after every start of the controller */
      readonly bootId: number;
      /** output */
      run: boolean;
      /** moves the belt for half a second; the controller takes the bit back, pulse */
      set jog(value: boolean);
      /** the belt pauses while a box stands at the exit eye, output */
      holdAtExit: boolean;
      /** ends a fault whose cause is gone; the controller takes the bit back, pulse */
      set resetFault(value: boolean);
      /** m/s, 0 to 2, output */
      speedSetpoint: number;
      /** the watchdog is content as long as this changes, pulse */
      set masterAlive(value: number);
      /** after how long without a change of masterAlive the belt stops; 0 switches the watchdog off, s, 0 to 60, output */
      watchdogTimeout: number;
      /** input */
      readonly faultCode: "none" | "jam" | "overload" | "overtemperature";
      /** input */
      readonly state: "stopped" | "starting" | "running" | "stopping" | "holding" | "fault" | "watchdog";
    };
    /** Six-joint arm with gripper, own pick-and-place program and job mailbox */
    readonly picker1: {
      /** a job would be accepted now */
      readonly ready: boolean;
      /** input */
      readonly busy: boolean;
      /** the gripper holds a part */
      readonly holding: boolean;
      /** the drives are off until resetFault */
      readonly fault: boolean;
      /** a part stands where the arm picks */
      readonly partAtPick: boolean;
      /** the master's heartbeat stopped and the arm with it */
      readonly watchdogTripped: boolean;
      /** another number after every start */
      readonly bootId: number;
      /** the highest epoch seen since the start */
      readonly epoch: number;
      /** input */
      readonly acceptedSequence: number;
      /** input */
      readonly doneSequence: number;
      /** input */
      readonly state: "disabled" | "idle" | "homing" | "moving" | "picking" | "placing" | "stopping" | "fault" | "watchdog";
      /** how the job of doneSequence ended */
      readonly result: "none" | "done" | "noPart" | "blocked" | "stopped" | "fault";
      /** the last job not accepted */
      readonly rejectedSequence: number;
      /** input */
      readonly rejectReason: "none" | "staleEpoch" | "staleSequence" | "busy" | "notReady" | "unknownCommand" | "badParameter";
      /** input */
      readonly faultCode: "none" | "collision" | "overtemperature" | "emergencyStop";
      /** deg */
      readonly joints: readonly number[];
      /** gripper x, y, z, mm */
      readonly position: readonly number[];
      /** degC */
      readonly motorTemp: number;
      /** input */
      readonly picks: number;
      /** input */
      readonly places: number;
      /** drives on, output */
      enable: boolean;
      /** the arm's own program carries parts from the pick to the place station; no jobs meanwhile, output */
      auto: boolean;
      /** gripper closed, output */
      grip: boolean;
      /** pulse */
      set moveToTarget(value: boolean);
      /** pulse */
      set stop(value: boolean);
      /** pulse */
      set resetFault(value: boolean);
      /** pulse */
      set home(value: boolean);
      /** pulse */
      set pick(value: boolean);
      /** pulse */
      set place(value: boolean);
      /** pulse */
      set jobSequence(value: number);
      /** pulse */
      set jobEpoch(value: number);
      /** pulse */
      set jobCommand(value: "none" | "home" | "move" | "pick" | "place" | "stop" | "carry");
      /** move: x, y, z in mm; the rest is 0, pulse */
      set jobParameters(value: readonly number[]);
      /** pulse */
      set jobSequenceEnd(value: number);
      /** the watchdog is content as long as this changes, pulse */
      set masterAlive(value: number);
      /** after how long without a change of masterAlive the arm stops; 0 switches the watchdog off, s, 0 to 60, output */
      watchdogTimeout: number;
      /** %, 1 to 100, output */
      speedOverride: number;
      /** x, y, z for moveToTarget, mm, -900 to 900, output */
      target: readonly number[];
    };
    /** Six-joint arm with gripper, own pick-and-place program and job mailbox */
    readonly picker2: {
      /** a job would be accepted now */
      readonly ready: boolean;
      /** input */
      readonly busy: boolean;
      /** the gripper holds a part */
      readonly holding: boolean;
      /** the drives are off until resetFault */
      readonly fault: boolean;
      /** a part stands where the arm picks */
      readonly partAtPick: boolean;
      /** the master's heartbeat stopped and the arm with it */
      readonly watchdogTripped: boolean;
      /** another number after every start */
      readonly bootId: number;
      /** the highest epoch seen since the start */
      readonly epoch: number;
      /** input */
      readonly acceptedSequence: number;
      /** input */
      readonly doneSequence: number;
      /** input */
      readonly state: "disabled" | "idle" | "homing" | "moving" | "picking" | "placing" | "stopping" | "fault" | "watchdog";
      /** how the job of doneSequence ended */
      readonly result: "none" | "done" | "noPart" | "blocked" | "stopped" | "fault";
      /** the last job not accepted */
      readonly rejectedSequence: number;
      /** input */
      readonly rejectReason: "none" | "staleEpoch" | "staleSequence" | "busy" | "notReady" | "unknownCommand" | "badParameter";
      /** input */
      readonly faultCode: "none" | "collision" | "overtemperature" | "emergencyStop";
      /** deg */
      readonly joints: readonly number[];
      /** gripper x, y, z, mm */
      readonly position: readonly number[];
      /** degC */
      readonly motorTemp: number;
      /** input */
      readonly picks: number;
      /** input */
      readonly places: number;
      /** drives on, output */
      enable: boolean;
      /** the arm's own program carries parts from the pick to the place station; no jobs meanwhile, output */
      auto: boolean;
      /** gripper closed, output */
      grip: boolean;
      /** pulse */
      set moveToTarget(value: boolean);
      /** pulse */
      set stop(value: boolean);
      /** pulse */
      set resetFault(value: boolean);
      /** pulse */
      set home(value: boolean);
      /** pulse */
      set pick(value: boolean);
      /** pulse */
      set place(value: boolean);
      /** pulse */
      set jobSequence(value: number);
      /** pulse */
      set jobEpoch(value: number);
      /** pulse */
      set jobCommand(value: "none" | "home" | "move" | "pick" | "place" | "stop" | "carry");
      /** move: x, y, z in mm; the rest is 0, pulse */
      set jobParameters(value: readonly number[]);
      /** pulse */
      set jobSequenceEnd(value: number);
      /** the watchdog is content as long as this changes, pulse */
      set masterAlive(value: number);
      /** after how long without a change of masterAlive the arm stops; 0 switches the watchdog off, s, 0 to 60, output */
      watchdogTimeout: number;
      /** %, 1 to 100, output */
      speedOverride: number;
      /** x, y, z for moveToTarget, mm, -900 to 900, output */
      target: readonly number[];
    };
    /** ConveyLinx module in ZPA mode, two zones */
    readonly rollers: {
      /** input */
      readonly upstream: "none" | "stopped" | "accepting" | "acceptingOldFirmware" | "discharging" | "blocked" | "busy";
      /** input */
      readonly upstreamReverse: "none" | "stopped" | "accepting" | "acceptingOldFirmware" | "discharging" | "blocked" | "busy";
      /** input */
      readonly downstream: "none" | "stopped" | "accepting" | "acceptingOldFirmware" | "discharging" | "blocked" | "busy";
      /** input */
      readonly downstreamReverse: "none" | "stopped" | "accepting" | "acceptingOldFirmware" | "discharging" | "blocked" | "busy";
      /** input */
      readonly upstreamArrivals: number;
      /** input */
      readonly upstreamDepartures: number;
      /** input */
      readonly downstreamArrivals: number;
      /** input */
      readonly downstreamDepartures: number;
      /** module reset */
      readonly moduleReset: boolean;
      /** supply above 30 V */
      readonly overVoltage: boolean;
      /** input */
      readonly leftMotorError: boolean;
      /** Ethernet not ok */
      readonly ethernetFault: boolean;
      /** input */
      readonly upstreamJam: boolean;
      /** input */
      readonly leftSensorError: boolean;
      /** supply below 18 V */
      readonly lowVoltage: boolean;
      /** motor above 105 degC */
      readonly leftMotorHot: boolean;
      /** input */
      readonly leftOvercurrent: boolean;
      /** input */
      readonly leftShortCircuit: boolean;
      /** input */
      readonly leftNotConnected: boolean;
      /** stalled for more than 20 s */
      readonly leftOverload: boolean;
      /** below 10 % of its speed */
      readonly leftStalled: boolean;
      /** Hall sensor error */
      readonly leftHallError: boolean;
      /** input */
      readonly leftNotUsed: boolean;
      /** supply above 30 V */
      readonly rightOverVoltage: boolean;
      /** input */
      readonly rightMotorError: boolean;
      /** input */
      readonly downstreamJam: boolean;
      /** input */
      readonly rightSensorError: boolean;
      /** supply below 18 V */
      readonly rightLowVoltage: boolean;
      /** motor above 105 degC */
      readonly rightMotorHot: boolean;
      /** input */
      readonly rightOvercurrent: boolean;
      /** input */
      readonly rightShortCircuit: boolean;
      /** input */
      readonly rightNotConnected: boolean;
      /** stalled for more than 20 s */
      readonly rightOverload: boolean;
      /** below 10 % of its speed */
      readonly rightStalled: boolean;
      /** Hall sensor error */
      readonly rightHallError: boolean;
      /** input */
      readonly rightNotUsed: boolean;
      /** pulse */
      upstreamTracking: readonly number[];
      /** pulse */
      downstreamTracking: readonly number[];
      /** the zone keeps its carton, output */
      upstreamAccumulate: boolean;
      /** accumulate the adjacent upstream zone, output */
      upstreamAccumulateNeighbour: boolean;
      /** arrival confirmation, output */
      upstreamConfirmArrival: boolean;
      /** jog in the default direction, output */
      upstreamJog: boolean;
      /** jog in the opposite direction, output */
      upstreamJogReverse: boolean;
      /** wake up, output */
      upstreamWakeUp: boolean;
      /** maintenance mode, output */
      upstreamMaintenance: boolean;
      /** the zone keeps its carton, output */
      downstreamAccumulate: boolean;
      /** accumulate the adjacent zone, output */
      downstreamAccumulateNeighbour: boolean;
      /** arrival confirmation, output */
      downstreamConfirmArrival: boolean;
      /** jog in the default direction, output */
      downstreamJog: boolean;
      /** jog in the opposite direction, output */
      downstreamJogReverse: boolean;
      /** wake up, output */
      downstreamWakeUp: boolean;
      /** maintenance mode, output */
      downstreamMaintenance: boolean;
      /** output */
      leftRollerSpeed: number;
      /** output */
      rightRollerSpeed: number;
      /** pulse */
      upstreamRelease: number;
      /** pulse */
      downstreamRelease: number;
    };
    /** Universal Robots controller, Modbus server */
    readonly cobot: {
      /** input */
      readonly digitalInput0: boolean;
      /** input */
      readonly digitalInput1: boolean;
      /** input */
      readonly digitalInput2: boolean;
      /** input */
      readonly digitalInput3: boolean;
      /** input */
      readonly digitalInput4: boolean;
      /** input */
      readonly digitalInput5: boolean;
      /** input */
      readonly digitalInput6: boolean;
      /** input */
      readonly digitalInput7: boolean;
      /** input */
      readonly toolInput0: boolean;
      /** input */
      readonly toolInput1: boolean;
      /** input */
      readonly digitalOutput0: boolean;
      /** input */
      readonly digitalOutput1: boolean;
      /** input */
      readonly digitalOutput2: boolean;
      /** input */
      readonly digitalOutput3: boolean;
      /** input */
      readonly digitalOutput4: boolean;
      /** input */
      readonly digitalOutput5: boolean;
      /** input */
      readonly digitalOutput6: boolean;
      /** input */
      readonly digitalOutput7: boolean;
      /** input */
      readonly toolOutput0: boolean;
      /** input */
      readonly toolOutput1: boolean;
      /** 0 to 1023, pulse */
      set setOutputs(value: number);
      /** 0 to 1023, pulse */
      set clearOutputs(value: number);
      /** input */
      readonly analogInput0: number;
      /** input */
      readonly analogInput0Domain: "current" | "voltage";
      /** input */
      readonly analogInput1: number;
      /** input */
      readonly analogInput1Domain: "current" | "voltage";
      /** input */
      readonly analogInput2: number;
      /** input */
      readonly analogInput2Domain: "current" | "voltage";
      /** input */
      readonly analogInput3: number;
      /** input */
      readonly analogInput3Domain: "current" | "voltage";
      /** input */
      readonly analogOutput0: number;
      /** input */
      readonly analogOutput0Domain: "current" | "voltage";
      /** input */
      readonly analogOutput1: number;
      /** input */
      readonly analogOutput1Domain: "current" | "voltage";
      /** pulse */
      general128: readonly number[];
      /** pulse */
      general160: readonly number[];
      /** pulse */
      general192: readonly number[];
      /** pulse */
      general224: readonly number[];
      /** input */
      readonly versionMajor: number;
      /** input */
      readonly versionMinor: number;
      /** input */
      readonly robotMode: "disconnected" | "confirmSafety" | "booting" | "powerOff" | "powerOn" | "idle" | "backdrive" | "running" | "updatingFirmware";
      /** input */
      readonly powerOn: boolean;
      /** input */
      readonly securityStopped: boolean;
      /** input */
      readonly emergencyStopped: boolean;
      /** input */
      readonly teachButton: boolean;
      /** input */
      readonly powerButton: boolean;
      /** input */
      readonly safetySignalStop: boolean;
      /** rad */
      readonly jointAngles: readonly number[];
      /** rad/s */
      readonly jointVelocities: readonly number[];
      /** A */
      readonly jointCurrents: readonly number[];
      /** degC */
      readonly jointTemperatures: readonly number[];
      /** mm */
      readonly toolPosition: readonly number[];
      /** rad */
      readonly toolRotation: readonly number[];
      /** mm/s */
      readonly toolSpeed: readonly number[];
      /** rad/s */
      readonly toolTurnRate: readonly number[];
    };
    /** Frequency converter, FC profile */
    readonly fan: {
      /** control word, output */
      command: "none" | "quickStop" | "coast" | "stop" | "run" | "reset" | "runReverse";
      /** bus reference, %, -100 to 100, output */
      reference: number;
      /** input */
      readonly controlReady: boolean;
      /** input */
      readonly driveReady: boolean;
      /** not coasting */
      readonly enabled: boolean;
      /** tripped; a reset is needed */
      readonly trip: boolean;
      /** input */
      readonly warning: boolean;
      /** input */
      readonly atReference: boolean;
      /** not in local operation */
      readonly busControl: boolean;
      /** within its frequency limits */
      readonly frequencyOk: boolean;
      /** input */
      readonly running: boolean;
      /** % */
      readonly actual: number;
    };
    /** Three-phase energy meter */
    readonly meter: {
      /** L1 to neutral, V */
      readonly voltageL1: number;
      /** L2 to neutral, V */
      readonly voltageL2: number;
      /** L3 to neutral, V */
      readonly voltageL3: number;
      /** A */
      readonly currentL1: number;
      /** A */
      readonly currentL2: number;
      /** A */
      readonly currentL3: number;
      /** active power, W */
      readonly powerL1: number;
      /** active power, W */
      readonly powerL2: number;
      /** active power, W */
      readonly powerL3: number;
      /** of the whole system, W */
      readonly totalPower: number;
      /** input */
      readonly powerFactor: number;
      /** Hz */
      readonly frequency: number;
      /** kWh */
      readonly importEnergy: number;
      /** kWh */
      readonly exportEnergy: number;
    };
  }

  /** The pools of the plant. */
  interface Pools {
    readonly pickers: {
      readonly carry: {};
      readonly pick: {};
      readonly place: {};
      readonly move: { readonly x: number; readonly y: number; readonly z: number; };
      readonly home: {};
    };
  }
}

declare module "takt/program/bench" {
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
}
