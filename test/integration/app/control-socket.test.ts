import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { openAccess } from "../../../src/app/access/open-access.ts";
import { parseTarget, type Target } from "../../../src/app/access/target.ts";
import { connectControl } from "../../../src/app/control/control-client.ts";
import type { AccessRequest, OwnedLine } from "../../../src/app/control/control-message.ts";
import {
  type ControlServer,
  type ControlServerOptions,
  serveControl,
} from "../../../src/app/control/control-server.ts";
import { call } from "../../../src/app/commands/call.ts";
import { trace as trace_ } from "../../../src/app/commands/trace.ts";
import { EXIT } from "../../../src/app/process/exit-code.ts";
import { readRecording } from "../../../src/app/trace/recording.ts";
import { findMaster, type FoundMaster, sharedLines } from "../../../src/app/control/find-master.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { err, ok } from "../../../src/kit/result.ts";
import { seededRandom } from "../../../src/kit/random.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";
import type { AccessOutcome, TracedFrames } from "../../../src/link/messages.ts";
import { recordingTerminal } from "../../support/processes/recording-terminal.ts";
import { answered, failed } from "../../support/scan/fake-access.ts";

const LINE: OwnedLine = { name: "cell", kind: "tcp", host: "localhost", port: 1502 };

/** What a called command is answered with. */
const CALLS: Pick<ControlServerOptions, "describe" | "devices" | "ask"> = {
  describe: () => undefined,
  devices: [],
  ask: () => Promise.resolve(err("nobody calls")),
};

describe("the control socket of a running master", () => {
  let folder: string;
  let server: ControlServer | undefined;
  let asked: AccessRequest[];
  let reply: (request: AccessRequest) => Promise<AccessOutcome>;
  let warnings: string[];
  let frames: TracedFrames = { frames: [], dropped: 0, more: false };
  const lines: OwnedLine[] = [LINE];
  const identity = { plant: "sorting-cell", gateway: "cell", pid: process.pid, lines };

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), "takt-control-")), "run");
    asked = [];
    warnings = [];
    reply = async () => answered({ kind: "registers", registers: [7] });
  });
  afterEach(async () => {
    await server?.close();
    server = undefined;
    rmSync(join(folder, ".."), { recursive: true });
  });

  const trace = (line: string): ReturnType<ControlServerOptions["trace"]> =>
    Promise.resolve(line === "cell" ? ok(frames) : err("the master has no such line"));

  async function serve(): Promise<ControlServer> {
    const access = (request: AccessRequest): Promise<AccessOutcome> => {
      asked.push(request);
      return reply(request);
    };
    server = await serveControl({
      folder,
      identity,
      access,
      trace,
      ...CALLS,
      clock: systemClock,
      logger: silentLogger,
    });
    return server;
  }

  it("tells another master which of its lines it has already, and itself nothing", async () => {
    await serve();
    const others = { folder, clock: systemClock, warn: (text: string) => warnings.push(text) };
    const own: OwnedLine[] = [
      { name: "belts", kind: "rtuOverTcp", host: "127.0.0.1", port: 1502 },
      { name: "arms", kind: "tcp", host: "127.0.0.1", port: 1503 },
    ];
    assert.deepEqual(
      (await sharedLines(own, process.pid + 1, others)).map(({ line, other }) => [line, other.plant, other.pid]),
      [["belts", "sorting-cell", process.pid]],
    );
    assert.deepEqual(await sharedLines(own, process.pid, others), []);
    assert.deepEqual(warnings, []);
  });

  function search(host = "127.0.0.1", port = 1502): Promise<FoundMaster | undefined> {
    return findMaster({ kind: "tcp", host, port }, { folder, clock: systemClock, warn: (text) => warnings.push(text) });
  }

  const options = () => ({
    direct: false,
    folder,
    clock: systemClock,
    random: seededRandom(1),
    warn: (text: string) => void warnings.push(text),
  });

  it("is closed to other users, and goes with its master", async () => {
    const { path } = await serve();
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    await server?.close();
    assert.equal(existsSync(path), false);
  });

  for (const host of ["127.0.0.1", "::1", "localhost", "LOCALHOST"]) {
    it(`is found for ${host}, which is this machine too`, async () => {
      await serve();
      const found = await search(host);
      assert.ok(found);
      assert.deepEqual(found.identity, identity);
      assert.deepEqual(found.line, LINE);
      found.client.close();
    });
  }

  it("is not found for another port, or another machine", async () => {
    await serve();
    assert.equal(await search("127.0.0.1", 1503), undefined);
    assert.equal(await search("192.0.2.1"), undefined);
  });

  it("owns a serial port under every name it has, and no other", async () => {
    await serve();
    const [port, byId] = [join(folder, "..", "port"), join(folder, "..", "by-id")];
    writeFileSync(port, "");
    symlinkSync(port, byId);
    lines.push({ name: "wire", kind: "serial", adapter: { path: byId } });
    const lineAt = async (path: string): Promise<string | undefined> => {
      const found = await findMaster(
        { kind: "serial", adapter: { path } },
        { folder, clock: systemClock, warn: (text) => warnings.push(text) },
      );
      found?.client.close();
      return found?.line.name;
    };
    assert.deepEqual([await lineAt(port), await lineAt(byId)], ["wire", "wire"]);
    assert.equal(await lineAt("/dev/null"), undefined);
    lines.pop();
  });

  it("carries requests and their outcomes, of every kind", async () => {
    await serve();
    const access = await openAccess(targetOf("tcp://[::1]:1502"), options());
    assert.equal(access.through, `through the running master (pid ${process.pid}, plant sorting-cell, line cell)`);
    const outcomes: readonly AccessOutcome[] = [
      answered({ kind: "bits", bits: [true, false] }),
      answered({ kind: "registers", registers: [1, 65_535] }),
      answered({ kind: "written" }),
      answered({ kind: "serverId", id: 5, running: true, data: Uint8Array.of(1, 255) }),
      answered({ kind: "identification", objects: new Map([[0, "Acme"]]) }),
      failed({ kind: "exception", code: 2 }),
      failed({ kind: "timeout", after: ms(250) }),
      failed({ kind: "denied", reason: "this master runs read-only" }),
    ];
    for (const outcome of outcomes) {
      reply = async () => outcome;
      assert.deepEqual(await access.ask(3, { fc: 6, address: 4, value: 5 }, ms(250)), outcome);
    }
    assert.deepEqual(asked[0], { line: "cell", unit: 3, timeout: 250, request: { fc: 6, address: 4, value: 5 } });
    await access.close();
  });

  it("gives the frames of a line to takt trace, which shows and keeps them", async () => {
    await serve();
    const [sent, received] = ["000700000006050300040001", "000700000005050302002A"].map((hex) =>
      Buffer.from(hex, "hex"),
    );
    assert.ok(sent && received);
    const about = { line: "cell", at: systemClock.now() };
    frames = {
      frames: [
        { ...about, direction: "sent", bytes: sent, verdict: undefined },
        { ...about, direction: "received", bytes: received, verdict: "accepted" },
      ],
      dropped: 3,
      more: false,
    };
    const file = join(folder, "..", "trace.pcapng");
    const terminal = recordingTerminal();
    const stop = new AbortController();
    const out = (text: string): void => {
      terminal.out(text);
      stop.abort();
    };
    const stopping = { ...terminal, out };
    const options = { out: file, json: false, folder, clock: systemClock };
    assert.equal(await trace_("cell", options, stopping, stop.signal), EXIT.done);
    assert.match(terminal.output, / >> #7 unit 5 read holding 4 +00 07 00/);
    assert.match(terminal.output, / << #7 unit 5 read holding = 002a +.*\[accepted\]/);
    assert.match(terminal.errors, /3 frames were missed/);
    const kept = readRecording(readFileSync(file));
    assert.ok(kept.ok);
    assert.deepEqual(
      kept.value.map(({ line, protocol, direction, verdict }) => [line, protocol, direction, verdict]),
      [
        ["cell", "tcp", "sent", undefined],
        ["cell", "tcp", "received", "accepted"],
      ],
    );
    assert.equal(await trace_("nowhere", options, terminal, stop.signal), EXIT.invalid);
    assert.match(terminal.errors, /no running master has a line "nowhere"; .*\bcell\b/);
  });

  it("is looked for in a folder that is named where there is none", async () => {
    const traced = recordingTerminal();
    const where = { json: false, folder, clock: systemClock };
    assert.equal(await trace_("cell", where, traced, new AbortController().signal), EXIT.invalid);
    const called = recordingTerminal();
    assert.equal(await call("infeed", [], { ...where, ttl: "5s", arm: false }, called), EXIT.invalid);
    for (const { errors } of [traced, called]) {
      assert.ok(errors.includes(`there is none in ${folder}\n`) && errors.includes("TAKT_RUNTIME_DIR="), errors);
    }
  });

  it("leaves a write unknown when the master dies over it", async () => {
    await serve();
    const access = await openAccess(targetOf("tcp://127.0.0.1:1502"), options());
    let closing: Promise<void> | undefined;
    reply = () => {
      closing = server?.close();
      return new Promise(() => undefined);
    };
    const outcome = await access.ask(1, { fc: 6, address: 0, value: 1 }, ms(1000));
    assert.ok(!outcome.ok && outcome.failure.kind === "lineLost");
    await closing;
    await access.close();
  });

  it("of a dead master is removed", async () => {
    await serve();
    const dead = join(folder, "999999.sock");
    const other = createServer().listen(dead);
    await once(other, "listening");
    // What a killed process leaves behind: the name without the listener.
    const orphan = join(folder, "999998.sock");
    renameSync(dead, orphan);
    await new Promise((resolve) => other.close(resolve));
    writeFileSync(join(folder, "notes.txt"), "");
    (await search())?.client.close();
    assert.deepEqual(readdirSync(folder).toSorted(), [`${process.pid}.sock`, "notes.txt"]);
  });

  it("that does not talk is told of, and kept", async () => {
    mkdirSync(folder, { mode: 0o700 });
    const path = join(folder, "1.sock");
    const clients: Socket[] = [];
    const mute = createServer((socket) => clients.push(socket)).listen(path);
    await once(mute, "listening");
    assert.equal(await search(), undefined);
    assert.match(warnings.join(), /does not reply/);
    assert.equal(existsSync(path), true);
    clients.forEach((socket) => socket.destroy());
    await new Promise((resolve) => mute.close(resolve));
  });

  it("is not looked for in a folder that others can write", async () => {
    await serve();
    chmodSync(folder, 0o777);
    assert.equal(await search(), undefined);
    await assert.rejects(
      serveControl({ folder, identity, access: reply, trace, ...CALLS, clock: systemClock, logger: silentLogger }),
      /can be written by others/,
    );
  });

  it("takes the place of what a master with the same process id left", async () => {
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, `${process.pid}.sock`), "");
    await serve();
    const found = await search();
    assert.ok(found);
    found.client.close();
  });

  it("answers nonsense with a sentence, and what is too long or too much with the end", async () => {
    const { path } = await serve();
    reply = () => new Promise(() => undefined);
    assert.match(await talk(path, "nonsense\n"), /a request is one JSON object/);
    assert.match(await talk(path, "x".repeat(40_000)), /longer than 32768/);
    const request = JSON.stringify({ access: { line: "cell", unit: 1, timeout: 1, request: { fc: 17 } } });
    assert.match(await talk(path, `${request}\n`.repeat(10)), /too many requests/);
  });

  it("sends away a client that never reads what it asked for", async () => {
    const { path } = await serve();
    const large = new Map([[0, "x".repeat(16_000)]]);
    let heard = (): void => undefined;
    reply = async () => {
      heard();
      return answered({ kind: "identification", objects: large });
    };
    const socket = connect(path).pause();
    const gone = once(socket, "error");
    // Without reading, it is a write that notices the end.
    const probe = setInterval(() => socket.write(" "), 10);
    const request = JSON.stringify({ access: { line: "cell", unit: 1, timeout: 1, request: { fc: 17 } } });
    for (let count = 0, ended = false; !ended; count++) {
      assert.ok(count < 1000, "it may leave unread as much as it likes");
      const taken = new Promise<boolean>((resolve) => (heard = () => resolve(false)));
      socket.write(`${request}\n`);
      ended = await Promise.race([taken, gone.then(() => true)]);
    }
    clearInterval(probe);
  });

  it("tells that nobody listens apart from what else may be wrong", async () => {
    const absent = await connectControl(join(folder, "absent.sock"), systemClock);
    assert.ok(!absent.ok && absent.failure.kind === "lost");
  });
});

/** The first line that comes back after `text`. */
async function talk(path: string, text: string): Promise<string> {
  const socket = connect(path);
  socket.write(text);
  const [line] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return line.toString();
}

function targetOf(text: string): Target {
  const target = parseTarget(text);
  assert.ok(target.ok);
  return target.value;
}
