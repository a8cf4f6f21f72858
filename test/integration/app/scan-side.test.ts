import assert from "node:assert/strict";
import { type PlantSimulation, simulatePlant } from "../../../simulators/plant-simulation.ts";
import { ScanSide, type ScanSideOptions } from "../../../src/app/scan/scan-side.ts";
import type { CommandResult } from "../../../src/command/command.ts";
import type { Plant } from "../../../src/config/plant/plant.ts";
import type { JobAnswer } from "../../../src/job/job-request.ts";
import { loggerTo, silentLogger } from "../../../src/kit/logger.ts";
import { seededRandom } from "../../../src/kit/random.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms, type Ms, plus } from "../../../src/kit/time.ts";
import type { PlantStatistics } from "../../../src/link/messages.ts";
import type { FromOffice } from "../../../src/link/scan-end.ts";
import type { Request } from "../../../src/modbus/request.ts";
import { NO_LAST_STRETCH } from "../../../src/scan/cycle/pacemaker.ts";
import { eventually } from "../../support/processes/eventually.ts";
import { type QuietLink, quietLink } from "../../support/scan/quiet-link.ts";
import { demoPlant } from "../../support/slaves/simulated-cell.ts";

/** The demo plant's infeed alone, on the port of its simulation. */
async function simulatedInfeed(): Promise<{ plant: Plant; simulation: PlantSimulation }> {
  const demo = demoPlant();
  const line = demo.lines.get("cell") ?? assert.fail();
  const infeed = demo.devices.get("infeed") ?? assert.fail();
  const simulation = await simulatePlant({
    lines: [line],
    devices: [infeed],
    clock: systemClock,
    random: seededRandom(1),
    logger: silentLogger,
    portOverride: 0,
  });
  const lines = new Map([["cell", { ...line, ...simulation.address("cell") }]]);
  const alone = { lines, devices: new Map([["infeed", infeed]]), pools: new Map() };
  return { plant: { ...demo, ...alone }, simulation };
}

function rawWrite(access: number, request: Request, sendWithin: Ms): FromOffice {
  const sendBy = plus(systemClock.now(), sendWithin);
  return { kind: "access", access, line: "cell", unit: 1, request, timeout: ms(500), sendBy };
}

const isDisabled = ({ reason }: { readonly reason: string }): boolean => reason === "disabled";

describe("the scan's side of takt", () => {
  let simulation: PlantSimulation;
  let plant: Plant;
  let link: QuietLink;
  let scan: ScanSide;

  beforeEach(async () => {
    ({ plant, simulation } = await simulatedInfeed());
    link = quietLink();
  });

  afterEach(() => simulation.close());

  async function started(given: Partial<ScanSideOptions> = {}): Promise<void> {
    const rest = { clock: systemClock, random: seededRandom(1), logger: silentLogger, lastStretch: NO_LAST_STRETCH };
    const hooks = { onCycle: () => undefined, onBroken: (error: unknown) => assert.fail(String(error)) };
    scan = new ScanSide({ plant, link, ...rest, readOnly: false, statsInterval: ms(1000), ...hooks, ...given });
    scan.start();
    await eventually(() => link.batches.some(({ samples }) => samples.some(({ quality }) => quality === "good")));
  }

  const stop = () => scan.stop({ holdOutputs: false, by: plus(systemClock.now(), ms(2000)) });
  const belt = () => simulation.device("infeed").memory;

  it("brings outputs to their safe state even after it has contradicted itself", async () => {
    let broken: unknown;
    let cycles = 0;
    await started({
      onCycle: () => {
        if (++cycles === 20) throw new Error("a bug");
      },
      onBroken: (error) => (broken = error),
    });
    await eventually(() => broken);
    assert.equal(belt().get("run"), true);
    assert.deepEqual(await stop(), []);
    assert.equal(belt().get("run"), false);
    assert.equal(cycles, 20);
  });

  it("lets nobody do over a way what its role does not allow", async () => {
    await started({ roles: { mqtt: "observer", cli: "operator" } });
    const sendBy = plus(systemClock.now(), ms(10_000));
    const device = "infeed";
    link.requests.push({ kind: "service", device, enabled: false, origin: "mqtt", sendBy });
    link.requests.push({ kind: "acknowledge", device, alarms: undefined, by: "eve", origin: "mqtt", sendBy });
    link.requests.push({ kind: "cancel", cancel: { device, id: "c1", origin: "mqtt" } });
    link.requests.push(rawWrite(1, { fc: 6, address: 900, value: 5 }, ms(10_000)));
    const raw = await eventually(() => link.outcomes[0]);
    assert.match(JSON.stringify(raw), /"denied","reason":"raw writes need the role engineer/);
    const denied = link.events.flatMap(({ event, fields }) => (event === "request.denied" ? [fields] : []));
    assert.deepEqual(
      denied.map(({ what, origin, needs, has }) => [what, origin, needs, has].join(" ")),
      ["service mqtt engineer observer", "ack mqtt operator observer", "cancel mqtt operator observer"],
    );
    await stop();
  });

  it("takes orders and decisions from operators only: from who comes as one, or by a way that is one", async () => {
    await started({ roles: { mqtt: "observer", cli: "engineer" } });
    const replyTo = undefined;
    const order = { id: "j1", pool: "p", type: "pick", parameters: {}, labels: {}, priority: 5, startBy: undefined };
    const submission = { ...order, origin: "mqtt", replyTo, takeBy: undefined };
    // Its origin is the name of who decided, and gives no role.
    const decision = { id: "d1", pool: "p", job: "j1", decision: "retry", origin: "cli", replyTo } as const;
    for (const role of [undefined, "observer", "operator", "engineer"] as const) {
      link.requests.push({ kind: "submit", submission: { ...submission, role } });
      link.requests.push({ kind: "decide", decision: { ...decision, role } });
    }
    await eventually(() => link.outcomes.length === 8);
    const denied = (id: string, to: string) => `${id} ${to} needs the role operator; what comes by mqtt has observer`;
    const answers = link.outcomes.map((each) => {
      const { id, to, reason = "" } = each as JobAnswer;
      return `${id} ${to} ${reason.replace(/^(unknown pool).*/, "$1")}`;
    });
    const both = [denied("j1", "order"), denied("d1", "decision")];
    const passed = ["j1 order unknown pool", "d1 decision unknown pool"];
    assert.deepEqual(answers, [...both, ...both, ...passed, ...passed]);
    await stop();
  });

  it("says of an order it takes from nobody, under the id of an open job, that its end is not meant", async () => {
    const picker1 = demoPlant().devices.get("picker1") ?? assert.fail();
    const devices = new Map([...plant.devices, ["picker1", picker1] as const]);
    plant = { ...plant, devices, pools: new Map([["pickers", ["picker1"]]]) };
    let cycles = 0;
    await started({ roles: { mqtt: "observer", cli: "engineer" }, onCycle: () => (cycles += 1) });
    const order = { id: "j1", pool: "pickers", type: "carry", parameters: {}, labels: {}, priority: 5 };
    const submission = { ...order, startBy: undefined, origin: "mqtt", replyTo: undefined, takeBy: undefined };
    link.requests.push({ kind: "jobsRead", changes: [] });
    const asked = cycles;
    await eventually(() => cycles > asked + 2);
    link.requests.push({ kind: "submit", submission });
    link.requests.push({ kind: "submit", submission: { ...submission, role: "operator" } });
    link.requests.push({ kind: "submit", submission });
    await eventually(() => link.outcomes.length === 2);
    assert.deepEqual(
      link.outcomes.map((each) => [(each as JobAnswer).outcome, (each as JobAnswer).awaited]),
      [
        ["rejected", undefined],
        ["rejected", true],
      ],
    );
    await stop();
  });

  it("denies a raw write to an output of the plant, and allows it once the device is out of service", async () => {
    await started();
    const speed = { fc: 6, address: 0, value: 500 } as const;
    const ask = (access: number) => link.requests.push(rawWrite(access, speed, ms(10_000)));
    ask(1);
    const denied = await eventually(() => link.outcomes[0]);
    assert.match(JSON.stringify(denied), /holding 0 is speedSetpoint of infeed, an output of the running plant/);
    assert.notEqual(belt().get("speedSetpoint"), 0.5);
    link.requests.push({
      kind: "service",
      device: "infeed",
      enabled: false,
      origin: "test",
      sendBy: plus(systemClock.now(), ms(10_000)),
    });
    const from = link.batches.length;
    await eventually(() => link.batches.slice(from).some(({ samples }) => samples.some(isDisabled)));
    ask(2);
    await eventually(() => belt().get("speedSetpoint") === 0.5);
    await stop();
  });

  it("tells of each line what its plan promises, beside what it did", async () => {
    let told: PlantStatistics | undefined;
    await started({ statsInterval: ms(50), link: { ...link, stats: (stats) => (told = stats) } });
    const { lines, cycle } = await eventually(() => told);
    const cell = plant.lines.get("cell");
    const stated = cell?.kind === "tcp" ? cell.roundTrip : NaN;
    assert.deepEqual(
      lines.map(({ line, plan }) => [line, plan?.basis, plan?.frame, plan?.roundTrip]),
      [["cell", "budgeted", 20, stated]],
    );
    assert.ok(cycle.cycles > 0);
    const [line] = lines;
    assert.ok(line?.plan && line.plan.load > 0 && line.plan.headRoom < 1);
    await stop();
  });

  it("answers a command whose write is under way at the end", async () => {
    await started();
    simulation.device("infeed").fault({ kind: "delay", by: ms(80) });
    const rest = { ttl: ms(2000), receivedAt: systemClock.now(), origin: "test" };
    const command = { id: "last", device: "infeed", set: [["speedSetpoint", 0.5]], ...rest } as const;
    const written = new Promise<void>((resolve) => belt().onWrite(["speedSetpoint"], () => resolve()));
    link.requests.push({ kind: "command", command });
    await written;
    assert.deepEqual(link.outcomes, []);
    await scan.stop({ holdOutputs: true, by: systemClock.now() });
    assert.deepEqual(
      link.outcomes.map((result) => [(result as CommandResult).id, (result as CommandResult).outcome]),
      [["last", "unknown"]],
    );
  });

  it("answers what it never took out of the link, and begins none of it", async () => {
    await started();
    const stopping = scan.stop({ holdOutputs: true, by: systemClock.now() });
    const rest = { ttl: ms(2000), receivedAt: systemClock.now(), origin: "test" };
    const command = { id: "late", device: "infeed", set: [["speedSetpoint", 0.5]], ...rest } as const;
    const empty = link.receive.bind(link);
    let closing = true;
    // As if it came after the last cycle.
    Object.assign(link, { receive: () => (closing ? [] : empty()) });
    link.requests.push({ kind: "command", command }, rawWrite(1, { fc: 6, address: 900, value: 1 }, ms(10_000)));
    closing = false;
    await stopping;
    const [late, raw] = link.outcomes as [CommandResult, unknown];
    assert.deepEqual(
      [late.id, late.outcome, late.reason],
      ["late", "rejected", "speedSetpoint: the master is stopping"],
    );
    assert.match(JSON.stringify(raw), /"denied","reason":"the master is stopping"/);
    assert.notEqual(belt().get("speedSetpoint"), 0.5);
  });

  it("does not take a device out of service when that was meant for an earlier time", async () => {
    const logged: string[] = [];
    await started({ logger: loggerTo(({ event }) => logged.push(event)) });
    const sendBy = plus(systemClock.now(), ms(-1));
    link.requests.push({ kind: "service", device: "infeed", enabled: false, origin: "test", sendBy });
    await eventually(() => logged.includes("device.serviceExpired"));
    assert.ok(!logged.includes("device.service"));
    await stop();
  });

  it("does not send a raw write whose asker has given up", async () => {
    await started();
    link.requests.push(rawWrite(1, { fc: 6, address: 900, value: 1 }, ms(-1)));
    const outcome = await eventually(() => link.outcomes[0]);
    assert.match(JSON.stringify(outcome), /"notSent","reason":"too late"/);
    await stop();
  });
});
