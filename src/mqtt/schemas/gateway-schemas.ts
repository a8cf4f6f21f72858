import { alarmsSchema } from "./device-schemas.ts";
import { COUNT, closed, type JsonSchema, listOf, NUMBER, oneOf, open, record, TEXT, TIME } from "./json-schema.ts";

/** The payloads of `_gw/…` by what follows. Events and figures may grow: what is not named here may be there, too. */
export function gatewaySchemas(): ReadonlyMap<string, JsonSchema> {
  const step = closed({ ts: TIME, by: NUMBER });
  const clock = closed({ state: oneOf(["plausible", "unset"]), steps: COUNT }, { lastStep: step });
  const device = closed({ profile: TEXT, line: TEXT });
  const scheduling = open({ mode: oneOf(["fifo", "normal"]) });
  const own = { ts: TIME, gateway: TEXT, version: TEXT, plant: TEXT, scanPeriod: NUMBER };
  const part = open({});
  return new Map([
    ["status", closed({ state: oneOf(["online", "offline", "lost"]), ts: TIME, version: TEXT })],
    ["info", closed({ ...own, clock, devices: record(device) }, { overloads: listOf(TEXT), scheduling })],
    ["stats", open({ ts: TIME, cycle: part, lines: listOf(part), link: part, mqtt: part })],
    ["event", open({ ts: TIME, event: TEXT })],
    ["alarms", alarmsSchema()],
  ]);
}
