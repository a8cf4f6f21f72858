import type { BusEnd } from "../../../simulators/serial/bus-end.ts";
import type { OpenRtuTransport } from "../../../src/bus/rtu/rtu-transport.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import { between, type Instant } from "../../../src/kit/time.ts";

/** A master's end of a simulated wire as the transport of one of takt's own lines. */
export function wireTransport(end: BusEnd, clock: Clock): OpenRtuTransport {
  return async (events) => {
    const unsubscribe = end.received.on(({ bytes }) => events.received(bytes));
    return {
      write: (frame) => left(end.write(frame), clock),
      discardInput: () => undefined,
      close: async () => {
        unsubscribe();
      },
    };
  };
}

/** The wire is exact: the frame has left when it says so. */
function left(at: Instant, clock: Clock): Promise<Instant> {
  return new Promise((resolve) => clock.after("frame leaves", between(clock.now(), at), () => resolve(at)));
}
