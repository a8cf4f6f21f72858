import { nextTick } from "node:process";
import { type Clock, repeat, type Timer } from "./clock.ts";
import { instant, type Instant, type Ms, ms, plus, wallTime, type WallTime } from "./time.ts";

interface Appointment {
  readonly name: string;
  readonly due: Instant;
  readonly order: number;
  readonly fire: () => void;
}

/** A clock that moves only when told to; appointments fire in order of time, then in order of their making. */
export class VirtualClock implements Clock {
  #now = instant(0);
  #order = 0;
  readonly #epoch: WallTime;
  readonly #appointments: Appointment[] = [];

  constructor(epoch: WallTime = wallTime(1_795_219_200_000)) {
    this.#epoch = epoch;
  }

  now(): Instant {
    return this.#now;
  }

  wall(): WallTime {
    return wallTime(this.#epoch + this.#now);
  }

  after(name: string, delay: Ms, fire: () => void): Timer {
    const appointment = { name, due: plus(this.#now, ms(Math.max(0, delay))), order: this.#order++, fire };
    insert(this.#appointments, appointment);
    return { cancel: () => remove(this.#appointments, appointment) };
  }

  /** Behind what falls due in this instant already. */
  soon(name: string, fire: () => void): Timer {
    return this.after(name, ms(0), fire);
  }

  every(name: string, period: Ms, fire: () => void): Timer {
    return repeat(this, name, period, fire);
  }

  /** Names of the timers that still wait, for leak checks. */
  get pending(): readonly string[] {
    return this.#appointments.map((appointment) => appointment.name);
  }

  /** Moves time forward by `span`, firing what falls due and letting promises settle after each firing. */
  async advance(span: Ms): Promise<void> {
    const end = plus(this.#now, span);
    let fired = 0;
    await turned();
    for (let next = this.#appointments[0]; next && next.due <= end; next = this.#appointments[0]) {
      this.#appointments.shift();
      this.#now = next.due;
      next.fire();
      await (++fired % FIRINGS_PER_TURN === 0 ? turned() : settled());
    }
    this.#now = end;
    await turned();
  }
}

function insert(list: Appointment[], appointment: Appointment): void {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = list[middle];
    if (other && other.due <= appointment.due) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, appointment);
}

function remove(list: Appointment[], appointment: Appointment): void {
  const index = list.indexOf(appointment);
  if (index >= 0) list.splice(index, 1);
}

/** So often the event loop gets its turn, so that whoever is in real time lives on beside. */
const FIRINGS_PER_TURN = 100;

/** Lets every promise reaction that is ready, and those they make ready, run before time moves on. */
function settled(): Promise<void> {
  return new Promise((resolve) => nextTick(resolve));
}

/** The same, and a turn of the event loop. */
function turned(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
