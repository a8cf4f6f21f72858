import assert from "node:assert/strict";
import { read, type ReadOptions } from "../../../src/app/commands/read.ts";
import { scan } from "../../../src/app/commands/scan.ts";
import { write, type WriteOptions } from "../../../src/app/commands/write.ts";
import { EXIT } from "../../../src/app/process/exit-code.ts";
import {
  type Act,
  frame,
  HostileServer,
  honest,
  registerOf,
  right,
  type Script,
} from "../../support/tcp/hostile-server.ts";
import { memorySlave } from "../../support/slaves/memory-slave.ts";
import { recordingTerminal } from "../../support/processes/recording-terminal.ts";

const READ: ReadOptions = { unit: "1", timeout: "200ms", allOrders: false, json: false, direct: true };
const WRITE: WriteOptions = { unit: "1", timeout: "200ms", multiple: false, json: false, direct: true };

/** Only these units are there; the others are silent. */
const only =
  (units: readonly number[], script: Script): Script =>
  (request) =>
    units.includes(request.unit) ? script(request) : [];

const exception =
  (code: number): Script =>
  (request) => [{ send: frame(request.id, request.unit, Uint8Array.of((request.pdu[0] ?? 0) | 0x80, code)) }];

describe("takt read, write and scan on the wire", () => {
  let server: HostileServer;
  let terminal = recordingTerminal();
  beforeEach(async () => {
    server = await HostileServer.start(honest);
    terminal = recordingTerminal();
  });
  afterEach(() => server.stop());
  const target = (): string => `tcp://127.0.0.1:${server.port}`;

  it("reads registers and says where they come from", async () => {
    assert.equal(await read(target(), ["40011", "2"], READ, terminal), EXIT.done);
    assert.match(
      terminal.output,
      /^holding 10\.\.11 of unit 1 at tcp:\/\/127\.0\.0\.1:\d+, in \d+\.\d ms\n40011 is holding 10, counted from 1\n/,
    );
    assert.match(terminal.output, new RegExp(`^ +10 .* ${registerOf(1, 10)} `, "m"));
  });

  it("reads more than one request can in several", async () => {
    assert.equal(await read(target(), ["holding", "100", "300"], { ...READ, json: true }, terminal), EXIT.done);
    const quantities = server.requests.map(({ pdu }) => [pdu.readUInt16BE(1), pdu.readUInt16BE(3)]);
    assert.deepEqual(quantities, [
      [100, 125],
      [225, 125],
      [350, 50],
    ]);
    const { registers } = JSON.parse(terminal.output) as { readonly registers: readonly number[] };
    assert.deepEqual(
      registers,
      Array.from({ length: 300 }, (_, at) => registerOf(1, 100 + at)),
    );
  });

  it("names the exception and what to try", async () => {
    server.script = exception(2);
    assert.equal(await read(target(), ["input", "0", "9"], READ, terminal), EXIT.refused);
    assert.match(
      terminal.errors,
      /input 0\.\.8 of unit 1 .*exception 02 illegal data address\n.*smaller count or another table/,
    );
    assert.equal(terminal.output, "");
  });

  it("says so when no unit answers, and which command finds those that do", async () => {
    server.script = only([2], honest);
    assert.equal(await read(target(), ["holding", "0"], READ, terminal), EXIT.noAnswer);
    assert.match(terminal.errors, /no answer within 200 ms\n.*takt scan tcp:/);
    server.script = exception(11);
    assert.equal(await read(target(), ["holding", "0"], READ, terminal), EXIT.noAnswer);
  });

  it("says so when nothing listens", async () => {
    const gone = target();
    await server.stop();
    assert.equal(await read(gone, ["holding", "0"], READ, terminal), EXIT.noAnswer);
    assert.match(terminal.errors, /cannot be reached: .*ECONNREFUSED.*\n.*nothing listens on that port/);
    server = await HostileServer.start(honest);
  });

  it("gives failures to programs as JSON", async () => {
    server.script = exception(2);
    await read(target(), ["holding", "0"], { ...READ, json: true }, terminal);
    const told = JSON.parse(terminal.output) as { readonly failure: { readonly kind: string; readonly code: number } };
    assert.deepEqual([told.failure.kind, told.failure.code], ["exception", 2]);
  });

  it("sends nothing where an argument is wrong", async () => {
    assert.equal(await read(target(), ["holding", "70000"], READ, terminal), EXIT.invalid);
    assert.equal(await write(target(), ["holding", "0", "70000"], WRITE, terminal), EXIT.invalid);
    assert.equal(
      await scan(target(), { units: "0-256", timeout: "1s", json: false, direct: true }, terminal),
      EXIT.invalid,
    );
    assert.equal(server.connections, 0);
  });

  it("writes, reads back and shows before and after", async () => {
    server.script = memorySlave();
    assert.equal(
      await write(target(), ["holding", "4", "1.5"], { ...WRITE, type: "float32", order: "CDAB" }, terminal),
      EXIT.done,
    );
    assert.match(
      terminal.output,
      /^holding 4\.\.5 of unit 1 at .*, function 16: 1\.5 \(0000 3FC0\)\n\n {2}holding 4\.\.5 {2}0 {2}-> {2}1\.5\n\nverified\n$/,
    );
    assert.equal(await write(target(), ["coil", "0", "on", "off", "on"], WRITE, terminal), EXIT.done);
    assert.deepEqual(
      server.requests.map(({ pdu }) => pdu[0]),
      [3, 16, 3, 1, 15, 1],
    );
  });

  it("calls a write unknown whose answer is lost, and never sends it again", async () => {
    const slave = memorySlave();
    server.script = (request) => (request.pdu[0] === 6 ? [{ then: "reset" } satisfies Act] : slave(request));
    assert.equal(await write(target(), ["holding", "4", "7"], WRITE, terminal), EXIT.noAnswer);
    assert.match(terminal.output, /^unknown: line lost.*may or may not have happened/m);
    assert.deepEqual(
      server.requests.map(({ pdu }) => pdu[0]),
      [3, 6, 3],
    );
  });

  it("calls a write verified whose answer is lost when the change is there to be read", async () => {
    const slave = memorySlave();
    server.script = (request) => {
      const acts = slave(request);
      return request.pdu[0] === 6 ? [] : acts;
    };
    assert.equal(await write(target(), ["holding", "4", "7"], WRITE, terminal), EXIT.done);
    assert.match(terminal.output, /^verified: though no answer within 200 ms$/m);
  });

  it("writes nothing to a unit that is silent", async () => {
    server.script = only([2], honest);
    assert.equal(await write(target(), ["holding", "4", "7"], WRITE, terminal), EXIT.noAnswer);
    assert.match(terminal.errors, /Nothing was written\.$/m);
    assert.deepEqual(
      server.requests.map(({ pdu }) => pdu[0]),
      [3],
    );
  });

  it("finds the units that answer among silent ones", async () => {
    server.script = only([3, 9], (request) =>
      request.pdu[0] === 3 ? [{ send: right(request) }] : exception(1)(request),
    );
    const options = { units: "1-10", timeout: "40ms", json: true, direct: true };
    assert.equal(await scan(target(), options, terminal), EXIT.done);
    const { units } = JSON.parse(terminal.output) as { readonly units: readonly { readonly unit: number }[] };
    assert.deepEqual(
      units.map(({ unit }) => unit),
      [3, 9],
    );
  });

  it("says so when it finds none", async () => {
    server.script = () => [];
    const options = { units: "1-3", timeout: "20ms", json: false, direct: true };
    assert.equal(await scan(target(), options, terminal), EXIT.noAnswer);
    assert.match(terminal.errors, /none of 3 units answered/);
    assert.doesNotMatch(terminal.errors, /takes up to/);
  });

  it("says at its start when it may take long", async () => {
    server.script = only([1, 2, 3, 4, 5, 6], (request) => [{ send: right(request) }]);
    const options = { units: "1-6", timeout: "1s", json: false, direct: true };
    assert.equal(await scan(target(), options, terminal), EXIT.done);
    assert.match(terminal.errors, /^asking 6 units; takes up to 6 s where most are silent \(--units 1-20/);
  });
});
