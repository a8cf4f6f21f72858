import type { Random } from "../../src/kit/random.ts";
import type { TagMemory } from "../memory/tag-memory.ts";
import type { Model } from "./model.ts";

/** Seconds a carton takes from one zone into the next. */
const TRANSFER_SECONDS = 1.6;

const SHORTEST_ARRIVAL = 2.5;
const LONGEST_ARRIVAL = 6;

type ZoneState = "stopped" | "accepting" | "discharging" | "blocked";

class AccumulationZone {
  state: ZoneState = "stopped";
  arrivals = 0;
  departures = 0;
  /** Cartons a master has released in spite of accumulation. */
  released = 0;
  #rest = 0;

  begin(state: "accepting" | "discharging"): void {
    this.state = state;
    this.#rest = TRANSFER_SECONDS;
  }

  step(seconds: number): void {
    this.#rest -= seconds;
    if (this.#rest > 0) return;
    if (this.state === "accepting") {
      this.state = "blocked";
      this.arrivals = (this.arrivals + 1) & 0xffff;
    } else if (this.state === "discharging") {
      this.state = "stopped";
      this.departures = (this.departures + 1) & 0xffff;
    }
  }

  /** Whether the carton in this zone may go on, `accumulate` being what the master wants. */
  maySend(accumulate: boolean): boolean {
    return this.state === "blocked" && (!accumulate || this.released > 0);
  }

  send(): void {
    this.released = Math.max(0, this.released - 1);
    this.begin("discharging");
  }
}

/** A ConveyLinx module in ZPA mode: cartons come at random, wait for the zone ahead, and leave; accumulation holds them. */
export class Conveylinx implements Model {
  readonly #memory: TagMemory;
  readonly #random: Random;
  readonly #upstream = new AccumulationZone();
  readonly #downstream = new AccumulationZone();
  #untilArrival = 0;

  constructor(memory: TagMemory, random: Random) {
    this.#memory = memory;
    this.#random = random;
    memory.set("leftRollerSpeed", 100);
    memory.set("rightRollerSpeed", 100);
    this.#onRelease("upstreamRelease", this.#upstream);
    this.#onRelease("downstreamRelease", this.#downstream);
    this.#show();
  }

  step(seconds: number): void {
    this.#upstream.step(seconds);
    this.#downstream.step(seconds);
    this.#arrive(seconds);
    this.#pass();
    this.#show();
  }

  /** A changed value releases one carton; writing the same again does nothing. */
  #onRelease(tag: string, zone: AccumulationZone): void {
    let last = this.#memory.number(tag);
    this.#memory.onWrite([tag], () => {
      const value = this.#memory.number(tag);
      if (value !== last) zone.released = 1;
      last = value;
    });
  }

  #arrive(seconds: number): void {
    this.#untilArrival -= seconds;
    if (this.#untilArrival > 0 || this.#upstream.state !== "stopped") return;
    this.#upstream.begin("accepting");
    this.#untilArrival = SHORTEST_ARRIVAL + this.#random() * (LONGEST_ARRIVAL - SHORTEST_ARRIVAL);
  }

  #pass(): void {
    if (this.#downstream.maySend(this.#memory.flag("downstreamAccumulate"))) this.#downstream.send();
    if (this.#downstream.state !== "stopped" || !this.#upstream.maySend(this.#memory.flag("upstreamAccumulate")))
      return;
    this.#upstream.send();
    this.#downstream.begin("accepting");
  }

  #show(): void {
    this.#showZone("upstream", this.#upstream);
    this.#showZone("downstream", this.#downstream);
  }

  #showZone(name: "upstream" | "downstream", zone: AccumulationZone): void {
    this.#memory.set(name, zone.state);
    this.#memory.set(`${name}Reverse`, "stopped");
    this.#memory.set(`${name}Arrivals`, zone.arrivals);
    this.#memory.set(`${name}Departures`, zone.departures);
  }
}
