import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as silence } from "node:timers/promises";
import { promisify } from "node:util";
import { precisePacer } from "../../../simulators/serial/pacer.ts";
import { type PlantSimulation, simulatePlant } from "../../../simulators/plant-simulation.ts";
import type { WireFormat } from "../../../simulators/serial/wire-format.ts";
import type { SimulationLine } from "../../../simulators/simulated-line.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { seededRandom } from "../../../src/kit/random.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";
import { eventually } from "../../support/processes/eventually.ts";
import { peer } from "../../support/processes/peers.ts";
import { RawClient } from "../../support/tcp/raw-client.ts";
import { FORMAT_19200_8E1 } from "../../support/serial/serial-rig.ts";
import { sketchedDevice } from "../../support/slaves/slave-sketch.ts";

const ENDPOINT = { host: "127.0.0.1", port: 0 };
const WIRE = { format: FORMAT_19200_8E1, localEcho: false };

function serve(line: SimulationLine): Promise<PlantSimulation> {
  return simulatePlant({
    lines: [line],
    devices: [1, 2].map((unit) => sketchedDevice({ name: `sketch${unit}`, line: "line", unit })),
    clock: systemClock,
    pacer: precisePacer(systemClock),
    random: seededRandom(1),
    logger: silentLogger,
  });
}

const READ_RTU = ">> 01 03 00 00 00 01 84 0A\n<< 01 03 02 00 00 B8 44";
const READ_OTHER_RTU = ">> 02 03 00 00 00 01 84 39\n<< 02 03 02 00 00 FC 44";

/** Keeps t3.5 before each request, as every master on a wire has to. */
async function converse(client: RawClient, conversation: string): Promise<void> {
  await silence(T35);
  await client.converse(conversation);
}

const T35 = 4;

describe("a simulated serial device server", () => {
  let simulation: PlantSimulation;
  let client: RawClient;

  const start = async (
    differences: { readonly packetTime?: number; readonly localEcho?: boolean; readonly format?: WireFormat } = {},
  ) => {
    const packetTime = ms(differences.packetTime ?? 0);
    simulation = await serve({ kind: "rtuOverTcp", name: "line", ...ENDPOINT, ...WIRE, ...differences, packetTime });
    client = await RawClient.connect(simulation.address("line"));
  };
  afterEach(async () => {
    await client.close();
    await simulation.close();
  });

  it("answers RTU frames of several units, no sooner than a real wire would", async () => {
    await start();
    assert.match(simulation.line("line").endpoint, /^rtu\+tcp:\/\/127\.0\.0\.1:\d+$/);
    const asked = systemClock.now();
    await converse(client, READ_RTU);
    const least = ((8 + 7) * 11) / 19.2;
    const took = systemClock.now() - asked;
    assert.ok(took >= least, `${took} ms for ${least} ms on the wire`);
    await converse(client, READ_OTHER_RTU);
  });

  it("sends on what arrived after its packet time", async () => {
    await start({ packetTime: 30 });
    const asked = systemClock.now();
    await converse(client, READ_RTU);
    assert.ok(systemClock.now() - asked >= ((8 + 7) * 11) / 19.2 + 30);
  });

  it("lets all clients hear what is on the wire, and serves a new one when one has gone", async () => {
    await start();
    const other = await RawClient.connect(simulation.address("line"));
    await converse(client, READ_RTU);
    assert.equal(await other.receive(7), "01 03 02 00 00 B8 44");
    await client.close();
    await converse(other, READ_RTU);
    await simulation.line("line").disconnect();
    await other.ended();
    client = await RawClient.connect(simulation.address("line"));
    await converse(client, READ_RTU);
  });

  it("gives an echo where the line has one", async () => {
    await start({ localEcho: true });
    await converse(client, ">> 01 03 00 00 00 01 84 0A\n<< 01 03 00 00 00 01 84 0A 01 03 02 00 00 B8 44");
  });

  it("counts a request that was begun too early, and no slave hears it", async () => {
    await start({ format: { ...FORMAT_19200_8E1, baudRate: 1200 } }); // a t3.5 of 32 ms
    await client.converse(READ_RTU);
    client.send("02 03 00 00 00 01 84 39");
    const { bus, end } = simulation.line("line").wire ?? {};
    await eventually(() => bus?.counts.damaged === 1);
    assert.deepEqual(end?.counts, { requests: 2, violations: 1 });
    assert.equal(client.unread, "");
  });

  it("keeps its place in the order of things when its clients flood it", async () => {
    await start();
    client.socket.write(Buffer.alloc(200_000));
    const { end } = simulation.line("line").wire ?? {};
    await once(client.socket, "drain", { signal: AbortSignal.timeout(100) }).catch(() => undefined);
    assert.ok(end && end.backlog > 1000);
  });

  it("misbehaves on request, and is well again", async () => {
    await start();
    const line = simulation.line("line");
    line.fault({ kind: "badCrc", times: 1 });
    await converse(client, ">> 01 03 00 00 00 01 84 0A\n<< 01 03 02 00 00 B8 BB");
    line.fault({ kind: "exception", code: 6, unit: 2 });
    await converse(client, READ_RTU);
    await converse(client, ">> 02 03 00 00 00 01 84 39\n<< 02 83 06 31 32");
    line.heal();
    await converse(client, READ_OTHER_RTU);
  });
});

describe("a simulated gateway on TCP", () => {
  it("answers for the units on its wire, and 0B for those that keep silent", async () => {
    const gateway = { ...FORMAT_19200_8E1, timeout: ms(60) };
    const simulation = await serve({ kind: "tcp", name: "line", ...ENDPOINT, gateway });
    const client = await RawClient.connect(simulation.address("line"));
    const asked = systemClock.now();
    await client.converse(
      `>> 00 01 00 00 00 06 01 03 00 00 00 01
       << 00 01 00 00 00 05 01 03 02 00 00`,
    );
    assert.ok(systemClock.now() - asked >= ((8 + 7) * 11) / 19.2);
    await client.converse(
      `>> 00 02 00 00 00 06 09 03 00 00 00 01
       << 00 02 00 00 00 03 09 83 0B`,
    );
    const line = simulation.line("line");
    line.fault({ kind: "garbled", times: 1 });
    await client.converse(">> 00 03 00 00 00 06 01 03 00 00 00 01\n<< 00 03 00 00 00 03 01 83 0B");
    line.fault({ kind: "reset", times: 1 });
    client.send("00 04 00 00 00 06 01 03 00 00 00 01");
    await client.ended();
    await client.close();
    await simulation.close();
  });
});

describe("a fault on a TCP line", () => {
  let simulation: PlantSimulation;
  let client: RawClient;
  beforeEach(async () => {
    simulation = await serve({ kind: "tcp", name: "line", ...ENDPOINT });
    client = await RawClient.connect(simulation.address("line"));
  });
  afterEach(async () => {
    await client.close();
    await simulation.close();
  });

  const REQUEST = "00 02 00 00 00 06 01 03 00 00 00 02";
  const CLEAN = "00 02 00 00 00 07 01 03 04 00 00 00 00";
  const assertWell = () => client.converse(`>> ${REQUEST}\n<< ${CLEAN}`);
  const spoilt = async (fault: Parameters<ReturnType<PlantSimulation["line"]>["fault"]>[0], count: number) => {
    simulation.line("line").fault({ times: 1, ...fault });
    client.send(REQUEST);
    return client.receive(count);
  };

  it("changes unit, function, byte count, protocol id, length or transaction id", async () => {
    assert.equal(await spoilt({ kind: "wrongUnit" }, 13), "00 02 00 00 00 07 00 03 04 00 00 00 00");
    assert.equal(await spoilt({ kind: "wrongFunction" }, 13), "00 02 00 00 00 07 01 04 04 00 00 00 00");
    assert.match(await spoilt({ kind: "wrongProtocol" }, 13), /^00 02 (?!00 00)\w\w \w\w 00 07 01 03 04/);
    assert.match(await spoilt({ kind: "wrongTransaction" }, 13), /^(?!00 02)\w\w \w\w 00 00 00 07 01 03 04/);
    assert.match(await spoilt({ kind: "wrongLength" }, 13), /^00 02 00 00 (?!00 07)\w\w \w\w 01 03 04/);
    await assertWell();
  });

  it("changes the echo of a write that was carried out", async () => {
    simulation.line("line").fault({ kind: "wrongEcho", part: "value", times: 1 });
    await client.converse(">> 00 01 00 00 00 06 01 06 00 00 00 08\n<< 00 01 00 00 00 06 01 06 00 00 00 09");
    await client.converse(">> 00 01 00 00 00 06 01 03 00 00 00 01\n<< 00 01 00 00 00 05 01 03 02 00 08");
  });

  it("splits, dribbles, delays, merges", async () => {
    for (const fault of [
      { kind: "split", gap: ms(20) },
      { kind: "dribble", gap: ms(2) },
      { kind: "late", by: ms(30) },
    ] as const) {
      const asked = systemClock.now();
      assert.equal(await spoilt(fault, 13), CLEAN);
      assert.ok(systemClock.now() - asked >= 20, fault.kind);
    }
    simulation.line("line").fault({ kind: "merged", times: 1 });
    client.send(REQUEST);
    await client.converse(`>> ${REQUEST.replace("02", "03")}\n<< ${CLEAN} ${CLEAN.replace("02", "03")}`);
    await assertWell();
  });

  it("lets no answer into one that comes in pieces", async () => {
    simulation.line("line").fault({ kind: "dribble", gap: ms(2), times: 1 });
    client.send(`${REQUEST} ${REQUEST.replace("02", "03")}`);
    assert.equal(await client.receive(26), `${CLEAN} ${CLEAN.replace("02", "03")}`);
  });

  it("loses requests or answers, and refuses", async () => {
    simulation.line("line").fault({ kind: "lost", times: 1 });
    client.send("00 01 00 00 00 06 01 06 00 00 00 08");
    await assertWell();
    simulation.line("line").fault({ kind: "answerLost", times: 1 });
    client.send("00 01 00 00 00 06 01 06 00 00 00 08");
    await client.converse(">> 00 01 00 00 00 06 01 03 00 00 00 01\n<< 00 01 00 00 00 05 01 03 02 00 08");
    simulation.line("line").fault({ kind: "exception", code: 10, times: 1 });
    await client.converse(`>> ${REQUEST}\n<< 00 02 00 00 00 03 01 83 0A`);
  });

  it("breaks the connection off in the middle of an answer", async () => {
    assert.equal(await spoilt({ kind: "reset" }, 6), CLEAN.slice(0, 17));
    await client.ended();
  });

  it("leaves a connection open and dead, while others live", async () => {
    simulation.line("line").fault({ kind: "halfOpen", times: 1 });
    client.send(REQUEST);
    const other = await RawClient.connect(simulation.address("line"));
    await other.converse(`>> ${REQUEST}\n<< ${CLEAN}`);
    client.send(REQUEST);
    await other.converse(`>> ${REQUEST}\n<< ${CLEAN}`);
    assert.equal(client.unread, "");
    assert.ok(!client.socket.destroyed);
    await other.close();
  });
});

describe("a simulated serial port", () => {
  before(peer("socat"));

  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "takt-port-"));
    path = join(folder, "port");
  });
  afterEach(() => rm(folder, { recursive: true }));

  const line = (): SimulationLine => ({ kind: "serial", name: "line", ...WIRE, adapter: { path } });

  it("appears at its path, speaks RTU to whoever opens it, again and again, and is gone afterwards", async () => {
    const simulation = await serve(line());
    assert.equal(simulation.line("line").endpoint, path);
    for (let turn = 0; turn < 2; turn++) assert.equal(await askThrough(path), "01 03 02 00 00 b8 44");
    await simulation.line("line").disconnect();
    assert.equal(await askThrough(path), "01 03 02 00 00 b8 44");
    await simulation.close();
    await assert.rejects(access(path));
  });

  it("takes nobody's place", async () => {
    await writeFile(path, "somebody's");
    await assert.rejects(serve(line()), /line line: cannot be simulated: .*port: exists already/);
    await access(path);
  });

  it("says that an adapter without a path, or a path that cannot be, is not simulated", async () => {
    const usb: SimulationLine = { ...line(), kind: "serial", ...WIRE, adapter: { vendor: "0403" } };
    await assert.rejects(serve(usb), /only a serial port with a path can be simulated/);
    path = join(folder, "no", "port");
    await assert.rejects(serve(line()), /no\/port: socat could not make a serial port/);
  });
});

/** The answer to a read of one register, through the port, by programs that know nothing of Modbus. */
async function askThrough(path: string): Promise<string> {
  const script = `stty -F "$1" raw -echo; exec 3<>"$1"; printf '\\001\\003\\000\\000\\000\\001\\204\\012' >&3; head -c 7 <&3 | od -An -tx1`;
  const { stdout } = await promisify(execFile)("sh", ["-c", script, "sh", path], { timeout: 5000 });
  return stdout.trim();
}
