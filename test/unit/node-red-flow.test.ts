import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { loadPlant } from "../../src/config/plant/load-plant.ts";
import { parseSet } from "../../src/mqtt/json/command-payload.ts";
import { topicsUnder } from "../../src/mqtt/topics.ts";

interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly topic?: string;
  readonly broker?: string;
  readonly func?: string;
  readonly wires?: readonly (readonly string[])[];
}

interface Message {
  readonly topic?: string;
  readonly payload?: unknown;
}

const flow = JSON.parse(
  readFileSync(new URL("../../deploy/node-red-flow.json", import.meta.url), "utf8"),
) as readonly FlowNode[];
const demo = loadPlant(fileURLToPath(new URL("../../config/demo/plant.yaml", import.meta.url)));
assert.ok(demo.ok);
const { devices } = demo.value;

/** What a function node makes of a message. */
function run(id: string, msg: Message): Message {
  const code = flow.find((node) => node.id === id)?.func ?? "";
  const make = new Script(`((msg) => {${code}})`).runInThisContext() as (msg: Message) => Message;
  return make(msg);
}

describe("the Node-RED flow", () => {
  it("is wired to nodes that exist, each with an id of its own", () => {
    const ids = new Set(flow.map(({ id }) => id));
    assert.equal(ids.size, flow.length);
    const named = flow.flatMap(({ wires = [], broker, type }) =>
      type === "mqtt-broker" ? [] : [...wires.flat(), ...(broker === undefined ? [] : [broker])],
    );
    assert.deepEqual(
      named.filter((id) => !ids.has(id)),
      [],
    );
  });

  it("hears the state and the outcomes of a device of the demo plant, on any gateway", () => {
    const heard = flow.filter(({ type }) => type === "mqtt in").map(({ topic }) => topic);
    const topics = topicsUnder("takt/+");
    assert.ok(devices.has("infeed"));
    assert.deepEqual(heard, [topics.device("infeed", "state"), topics.result("infeed", "+")]);
  });

  it("shows values that are good only", () => {
    const payload = { ts: 1, seq: 1, values: { a: 1, b: null, c: 2 }, bad: { b: "offline" }, stale: { c: "old" } };
    assert.deepEqual({ ...(run("takt-good", { payload }).payload as object) }, { a: 1 });
  });

  it("sends a command that takt takes, with another id every time", () => {
    const [one, other] = [run("takt-ask", {}), run("takt-ask", {})];
    const request = topicsUnder("takt/demo").parseRequest(one.topic ?? "");
    assert.deepEqual(request, { device: "infeed", request: "set" });
    const tags = devices.get("infeed")?.tags ?? new Map<string, never>();
    const parsed = parseSet(Buffer.from(JSON.stringify(one.payload)), tags);
    assert.deepEqual(parsed.ok && parsed.value.set, [["speedSetpoint", 0.5]]);
    const range = tags.get("speedSetpoint")?.write?.range;
    assert.ok(range && range.min <= 0.5 && range.max >= 0.5);
    assert.notDeepEqual(one.payload, other.payload);
  });
});
