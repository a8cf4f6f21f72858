import { Signal } from "../../../src/kit/signal.ts";
import type { SampleBatch } from "../../../src/link/messages.ts";
import type { FromOffice, ScanEnd } from "../../../src/link/scan-end.ts";
import type { PlantEvent } from "../../../src/scan/scan-sink.ts";

/** A link to an office that is not there: takes everything, and hands over what a test puts into `requests`. */
export interface QuietLink extends ScanEnd {
  readonly requests: FromOffice[];
  readonly batches: Omit<SampleBatch, "kind">[];
  readonly outcomes: unknown[];
  readonly events: PlantEvent[];
}

export function quietLink(): QuietLink {
  const requests: FromOffice[] = [];
  const batches: Omit<SampleBatch, "kind">[] = [];
  const outcomes: unknown[] = [];
  const events: PlantEvent[] = [];
  const nothing = (): void => undefined;
  return {
    requests,
    batches,
    outcomes,
    events,
    samples: (batch) => batches.push(batch),
    blocks: nothing,
    device: nothing,
    result: (result) => outcomes.push(result),
    stats: nothing,
    event: (event) => events.push(event),
    keep: () => undefined,
    alarms: nothing,
    jobs: nothing,
    jobAnswer: (answer) => outcomes.push(answer),
    log: nothing,
    traced: nothing,
    accessed: (_access, outcome) => outcomes.push(outcome),
    receive: () => requests.splice(0),
    counters: () => ({ coalesced: 0, dropped: 0 }),
    restarted: new Signal<undefined>(),
    stopped: () => Promise.resolve(),
  };
}
