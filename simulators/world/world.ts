import type { Random } from "../../src/kit/random.ts";
import { Belt, type Box, type Exit } from "./belt.ts";
import { Zone } from "./zone.ts";

/** Where an arm takes parts. */
export interface PickStation {
  readonly zone: Zone;
  hasPart(): boolean;
  take(): Box | undefined;
}

/** Where an arm puts parts down. */
export interface PlaceStation {
  readonly zone: Zone;
  hasRoom(): boolean;
  put(box: Box): void;
}

export interface WorldOptions {
  readonly conveyors: number;
  readonly arms: number;
  readonly random: Random;
  /** That come from outside, if they end. */
  readonly boxes?: number | undefined;
}

/** Seconds between two boxes from outside. */
const SHORTEST_ARRIVAL = 3;
const LONGEST_ARRIVAL = 5;

/**
 * The floor on which all devices stand. Boxes come from outside onto the first conveyor, go from conveyor to
 * conveyor and leave at the end of the last. Where there are arms, they stand between the last two conveyors: what
 * reaches the end of one waits there until an arm carries it to the other.
 */
export class World {
  /** In the order of the plant's file. */
  readonly belts: readonly Belt[];
  readonly pickStation: PickStation;
  readonly placeStation: PlaceStation;
  /** Boxes that left the last conveyor, or that an arm put down where no conveyor is. */
  delivered = 0;
  readonly #random: Random;
  readonly #boxes: number;
  #nextBox = 1;
  #untilArrival = 0;

  constructor({ conveyors, arms, random, boxes = Infinity }: WorldOptions) {
    this.#random = random;
    this.#boxes = boxes;
    this.belts = this.#build(conveyors, arms);
    const pickBelt = this.belts.at(conveyors > 1 ? -2 : -1);
    this.pickStation = pickBelt ? fromBelt(pickBelt) : this.#supply();
    const placeBelt = conveyors > 1 ? this.belts.at(-1) : undefined;
    this.placeStation = placeBelt ? ontoBelt(placeBelt) : this.#outside();
  }

  step(seconds: number): void {
    this.#untilArrival -= seconds;
    if (this.#untilArrival <= 0 && this.#nextBox <= this.#boxes && this.belts[0]?.hasRoom()) {
      this.belts[0].put(this.#newBox());
      this.#untilArrival = SHORTEST_ARRIVAL + this.#random() * (LONGEST_ARRIVAL - SHORTEST_ARRIVAL);
    }
    for (const belt of this.belts) belt.step(seconds);
  }

  /** Built from the end: every belt has to know what follows it. */
  #build(conveyors: number, arms: number): readonly Belt[] {
    const belts: Belt[] = [];
    const pickedBelt = arms === 0 ? -1 : Math.max(0, conveyors - 2);
    for (let index = conveyors - 1; index >= 0; index--) {
      const next = belts[0];
      belts.unshift(new Belt(index === pickedBelt ? deadEnd : next ? ontoNext(next) : this.#outside()));
    }
    return belts;
  }

  #newBox(): Box {
    return { id: this.#nextBox++ };
  }

  #outside(): Exit & PlaceStation {
    return {
      zone: new Zone(),
      isStop: false,
      isFree: () => true,
      hasRoom: () => true,
      receive: () => this.delivered++,
      put: () => this.delivered++,
    };
  }

  /** Without a conveyor there is always something to pick. */
  #supply(): PickStation {
    return { zone: new Zone(), hasPart: () => true, take: () => this.#newBox() };
  }
}

/** A stop at which boxes wait to be picked. */
const deadEnd: Exit = { isStop: true, isFree: () => false, receive: () => undefined };

function ontoNext(belt: Belt): Exit {
  return { isStop: false, isFree: () => belt.hasRoom(), receive: (box) => belt.put(box) };
}

function fromBelt(belt: Belt): PickStation {
  return { zone: new Zone(), hasPart: () => belt.isReadyAtExit(), take: () => belt.take() };
}

function ontoBelt(belt: Belt): PlaceStation {
  return { zone: new Zone(), hasRoom: () => belt.hasRoom(), put: (box) => belt.put(box) };
}
