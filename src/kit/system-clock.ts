import { hrtime } from "node:process";
import { type Clock, repeat, type Timer } from "./clock.ts";
import { instant, type Instant, type Ms, plus, wallTime } from "./time.ts";

/** `performance.now()` counts from the start of its thread; this offset puts every thread on one time line. */
const threadOrigin = Number(hrtime.bigint()) / 1e6 - performance.now();

/** The machine's clock. Timers keep the process alive until they fire or are cancelled. */
export const systemClock: Clock = {
  now: () => instant(threadOrigin + performance.now()),
  wall: () => wallTime(Date.now()),
  after: (_name, delay, fire) => systemTimer(delay, fire),
  soon: (_name, fire) => nextTurn(fire),
  every: (name, period, fire) => repeat(systemClock, name, period, fire),
};

/** The longest wait of one of Node's timers, in milliseconds; it takes a longer one for 1 ms. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** Node's timers tick in whole milliseconds and may fire up to 1 ms early: one that did waits for the rest. */
function systemTimer(delay: Ms, fire: () => void): Timer {
  const due = plus(systemClock.now(), delay);
  let handle: NodeJS.Timeout | undefined;
  const arm = (wait: number): void => {
    handle = setTimeout(
      () => {
        const rest = due - systemClock.now();
        if (rest > 0) arm(rest);
        else fire();
      },
      Math.min(LONGEST_WAIT, wait),
    );
  };
  arm(Math.max(0, delay));
  return { cancel: () => clearTimeout(handle) };
}

function nextTurn(fire: () => void): Timer {
  const handle = setImmediate(fire);
  return { cancel: () => clearImmediate(handle) };
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Blocks this thread until `due`, to about 0.1 ms, without burning the processor.
 * Only for the last stretch before a cycle: nothing else happens on the thread meanwhile.
 */
export function blockUntil(due: Instant): void {
  const rest = due - systemClock.now();
  if (rest > 0) Atomics.wait(sleeper, 0, 0, rest);
}
