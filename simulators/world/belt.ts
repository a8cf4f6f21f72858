/** A box on its way; the world makes them and knows them by number. */
export interface Box {
  readonly id: number;
}

interface Placed {
  readonly box: Box;
  /** Metres from the belt's beginning to the box's front. */
  front: number;
  stuck: boolean;
}

/** What lies behind a belt's end. */
export interface Exit {
  /** Boxes wait here until somebody takes them. */
  readonly isStop: boolean;
  /** Whether the next box may leave now; until then it stands at the end and the belt slips under it. */
  isFree(): boolean;
  receive(box: Box): void;
}

export const BELT_LENGTH = 2;
export const BOX_LENGTH = 0.3;

/** Boxes never touch: this much is always free between two of them, and in front of a standing one. */
const SPACING = 0.05;

const ENTRY_EYE = 0.2;
const EXIT_EYE = 1.9;

/** A belt with boxes on it, in metres and seconds. What moves it sets `speed`. */
export class Belt {
  /** Metres per second, never backwards. */
  speed = 0;
  /** Boxes that passed the end, or were taken there. */
  departed = 0;
  readonly #exit: Exit;
  /** The foremost first. */
  #boxes: Placed[] = [];
  #slipped = 0;

  constructor(exit: Exit) {
    this.#exit = exit;
  }

  get endsAtStop(): boolean {
    return this.#exit.isStop;
  }

  get boxes(): readonly Box[] {
    return this.#boxes.map(({ box }) => box);
  }

  /** Seconds for which the belt has been moving under a box that does not move. */
  get slipped(): number {
    return this.#slipped;
  }

  get entryEye(): boolean {
    return this.#blocks(ENTRY_EYE);
  }

  get exitEye(): boolean {
    return this.#blocks(EXIT_EYE);
  }

  hasRoom(): boolean {
    const last = this.#boxes.at(-1);
    return !last || last.front - BOX_LENGTH > BOX_LENGTH + SPACING;
  }

  /** Lays a box on the belt's beginning; there has to be room. */
  put(box: Box): void {
    this.#boxes.push({ box, front: BOX_LENGTH, stuck: false });
  }

  /** Whether a box stands still at the exit eye, so that it can be picked. */
  isReadyAtExit(): boolean {
    return this.exitEye && (this.speed < 0.02 || this.#slipped > 0);
  }

  /** Takes the foremost box away, if it stands at the exit. */
  take(): Box | undefined {
    if (!this.isReadyAtExit()) return undefined;
    this.departed++;
    return this.#boxes.shift()?.box;
  }

  /** The box in the middle of the belt, or the last one, gets stuck. */
  jam(): void {
    const box = this.#boxes.find(({ front }) => front < BELT_LENGTH / 2 + BOX_LENGTH) ?? this.#boxes.at(-1);
    if (box) box.stuck = true;
  }

  /** Somebody takes the stuck boxes off the belt. */
  clear(): void {
    this.#boxes = this.#boxes.filter(({ stuck }) => !stuck);
    this.#slipped = 0;
  }

  step(seconds: number): void {
    const travel = this.speed * seconds;
    let limit = this.#exit.isFree() ? Number.POSITIVE_INFINITY : BELT_LENGTH;
    let slips = false;
    for (const box of this.#boxes) {
      const wanted = box.stuck ? box.front : Math.min(box.front + travel, Math.max(limit, box.front));
      slips ||= wanted < box.front + travel / 2;
      box.front = wanted;
      limit = box.front - BOX_LENGTH - SPACING;
    }
    this.#slipped = slips ? this.#slipped + seconds : 0;
    this.#leave();
  }

  #leave(): void {
    const first = this.#boxes[0];
    if (!first || first.front <= BELT_LENGTH || !this.#exit.isFree()) return;
    this.#boxes.shift();
    this.departed++;
    this.#exit.receive(first.box);
  }

  #blocks(eye: number): boolean {
    return this.#boxes.some(({ front }) => front >= eye && front - BOX_LENGTH <= eye);
  }
}
