import type { Clock, Timer } from "../../../src/kit/clock.ts";
import type { Random } from "../../../src/kit/random.ts";
import { ms } from "../../../src/kit/time.ts";

/** What people and plugs do to a plant; each is undone by the function it gives. */
export type Mishap = () => () => void;

export interface HandTroublesOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly mishaps: readonly Mishap[];
}

const EVERY = 60_000;

/** About one mishap a minute, lasting up to 20 s, until the function that is returned ends it all. */
export function playMishaps({ clock, random, mishaps }: HandTroublesOptions): () => void {
  let timer: Timer;
  let undo = (): void => undefined;
  const rest = (): void => {
    undo();
    undo = () => undefined;
    timer = clock.after("mishap", ms(EVERY * (0.5 + random())), () => {
      undo = mishaps[Math.floor(random() * mishaps.length)]?.() ?? undo;
      timer = clock.after("mishap over", ms(20 * 1000 ** random()), rest);
    });
  };
  rest();
  return () => {
    timer.cancel();
    undo();
  };
}
