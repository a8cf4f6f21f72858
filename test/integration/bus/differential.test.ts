import assert from "node:assert/strict";
import { stdout } from "node:process";
import { describeFailure } from "../../../src/modbus/failure.ts";
import { ms } from "../../../src/kit/time.ts";
import type { Request } from "../../../src/modbus/request.ts";
import {
  frame,
  honest,
  HostileServer,
  registerOf,
  right,
  rightPdu,
  type Script,
  type ServedRequest,
} from "../../support/tcp/hostile-server.ts";
import { LibraryPort, within } from "../../support/tcp/library-port.ts";
import { eventually, type Outcome, readRegisters, withRig } from "../../support/tcp/tcp-line-rig.ts";

const TIMEOUT = 100;

/** One fault of a peer, and what becomes of a request that meets it. */
interface Row {
  readonly fault: string;
  readonly request: Request;
  /** A fresh one for each client: it may remember. */
  readonly script: () => Script;
  /** Set on the library too, unless it shall go without. */
  readonly libraryTimeout?: "none";
  /** What modbus-serial's own TcpPort makes of it. */
  readonly library: RegExp;
  /** What the line makes of it. */
  readonly line: RegExp;
}

const READ_TWO = readRegisters(10, 2);
const TRUTH = JSON.stringify([registerOf(1, 10), registerOf(1, 11)]);
const right$ = new RegExp(`^${TRUTH.replaceAll(/[[\]]/g, "\\$&")}$`);
const SUCCESS = /^"success"$/;
const WRITE: Request = { fc: 6, address: 16, value: 4660 };

/** Answers with the right PDU, one byte of it changed. */
function changed(at: number, to: (byte: number) => number): () => Script {
  return () => (request) => {
    const pdu = Buffer.from(rightPdu(request));
    pdu[at] = to(pdu[at] ?? 0) & 255;
    return [{ send: frame(request.id, request.unit, pdu) }];
  };
}

const plusOne = (byte: number): number => byte + 1;

const header =
  (wrong: { readonly protocol?: number; readonly length?: number }): (() => Script) =>
  () =>
  (request) => [{ send: frame(request.id, request.unit, rightPdu(request), wrong) }];

const ROWS: readonly Row[] = [
  {
    fault: "FC 5 echo of another address",
    request: { fc: 5, address: 16, value: true },
    script: changed(2, plusOne),
    library: SUCCESS,
    line: /echo of address 17 instead of 16/,
  },
  {
    fault: "FC 5 echo of another value",
    request: { fc: 5, address: 16, value: true },
    script: changed(3, () => 0),
    library: SUCCESS,
    line: /echo of value 0 instead of 65280/,
  },
  {
    fault: "FC 6 echo of another address",
    request: WRITE,
    script: changed(2, plusOne),
    library: SUCCESS,
    line: /echo of address 17 instead of 16/,
  },
  {
    fault: "FC 6 echo of another value",
    request: WRITE,
    script: changed(4, plusOne),
    library: SUCCESS,
    line: /echo of value 4661 instead of 4660/,
  },
  {
    fault: "FC 15 echo of another quantity",
    request: { fc: 15, address: 16, values: [true, true] },
    script: changed(4, plusOne),
    library: SUCCESS,
    line: /echo of quantity 3 instead of 2/,
  },
  {
    fault: "FC 16 echo of another address",
    request: { fc: 16, address: 16, values: [1, 2] },
    script: changed(2, plusOne),
    library: SUCCESS,
    line: /echo of address 17 instead of 16/,
  },
  {
    fault: "FC 16 echo of another quantity",
    request: { fc: 16, address: 16, values: [1, 2] },
    script: changed(4, plusOne),
    library: SUCCESS,
    line: /echo of quantity 3 instead of 2/,
  },
  {
    fault: "FC 22 echo of another mask",
    request: { fc: 22, address: 16, and: 242, or: 37 },
    script: changed(6, plusOne),
    library: SUCCESS,
    line: /echo of or mask 38 instead of 37/,
  },
  {
    fault: "byte count too small",
    request: READ_TWO,
    script: changed(1, () => 2),
    library: new RegExp(`^\\[${registerOf(1, 10)}\\]$`),
    line: /byte count 2 instead of 4/,
  },
  {
    fault: "byte count too large",
    request: READ_TWO,
    script: changed(1, () => 6),
    library: /^\[\d+,\d+,\d+\]$/,
    line: /byte count 6 instead of 4/,
  },
  {
    fault: "byte count of bits too large",
    request: { fc: 1, address: 0, quantity: 8 },
    script: changed(1, () => 3),
    library: /^\[((true|false),?){24}\]$/,
    line: /byte count 3 instead of 1/,
  },
  {
    fault: "protocol id 1",
    request: READ_TWO,
    script: header({ protocol: 1 }),
    library: right$,
    line: /line lost: protocol id 1 instead of 0/,
  },
  {
    fault: "length 60,000, no timeout set",
    request: READ_TWO,
    script: header({ length: 60_000 }),
    libraryTimeout: "none",
    library: /^hangs$/,
    line: /line lost: length 60000 is outside 2..254/,
  },
  {
    fault: "length 0",
    request: READ_TWO,
    script: header({ length: 0 }),
    libraryTimeout: "none",
    library: /^(hangs|error)/,
    line: /line lost: length 0 is outside/,
  },
  {
    fault: "answer of another function",
    request: READ_TWO,
    script: changed(0, plusOne),
    library: /^error: Unexpected data error/,
    line: /wrong answer: function 4 answers function 3/,
  },
  {
    fault: "exception from another unit, then the answer",
    request: READ_TWO,
    script: () => foreignException,
    library: /^error: Modbus exception 2/,
    line: /wrong answer: unit \d+ answers for unit 1/,
  },
  {
    fault: "answer of another unit, then the answer",
    request: READ_TWO,
    script: () => foreignAnswer,
    library: /^error: Unexpected data error/,
    line: /wrong answer: unit \d+ answers for unit 1/,
  },
  {
    fault: "peer closes, no timeout set",
    request: READ_TWO,
    script: () => () => [{ then: "end" }],
    libraryTimeout: "none",
    library: /^hangs$/,
    line: /line lost: closed by the peer/,
  },
  {
    fault: "peer resets, no timeout set",
    request: READ_TWO,
    script: () => () => [{ then: "reset" }],
    libraryTimeout: "none",
    library: /^hangs$/,
    line: /line lost: .*ECONNRESET/,
  },
  {
    fault: "peer resets",
    request: READ_TWO,
    script: () => () => [{ then: "reset" }],
    library: /^error: Timed out/,
    line: /line lost: .*ECONNRESET/,
  },
  {
    fault: "peer silent, no timeout set",
    request: READ_TWO,
    script: () => () => [],
    libraryTimeout: "none",
    library: /^hangs$/,
    line: /no answer within 100 ms/,
  },
  {
    fault: "answer split at every byte",
    request: READ_TWO,
    script: () => splitEverywhere,
    library: right$,
    line: right$,
  },
  {
    fault: "stray duplicate before the answer",
    request: READ_TWO,
    script: () => duplicateOfTheLast(),
    library: right$,
    line: right$,
  },
];

const foreignException: Script = (request) => [
  { send: frame(request.id, 9, Buffer.of(0x83, 2)) },
  { wait: 10 },
  { send: right(request) },
];

const foreignAnswer: Script = (request) => [
  { send: frame(request.id, 9, rightPdu({ unit: 9, pdu: request.pdu })) },
  { wait: 10 },
  { send: right(request) },
];

const splitEverywhere: Script = (request) =>
  [...right(request)].flatMap((byte) => [{ send: Buffer.of(byte) }, { wait: 1 }]);

function duplicateOfTheLast(): Script {
  let last: ServedRequest | undefined;
  return (request) => {
    const again = last ? [{ send: frame(last.id, last.unit, Buffer.of(3, 4, 0, 0, 0, 0)) }] : [];
    last = request;
    return [...again, { send: right(request) }];
  };
}

const seen: { readonly fault: string; readonly library: string; readonly line: string }[] = [];

function compare(fault: string, library: string, line: string): void {
  seen.push({ fault, library: library.length > 44 ? `${library.slice(0, 43)}…` : library, line });
}

function words({ answer, failure }: Outcome): string {
  if (failure) return describeFailure(failure);
  if (answer.kind === "registers") return JSON.stringify(answer.registers);
  return answer.kind === "written" ? '"success"' : JSON.stringify(answer);
}

async function libraryMeets(row: Row): Promise<string> {
  const server = await HostileServer.start(row.script());
  const library = await LibraryPort.open(server.port, row.libraryTimeout === "none" ? undefined : TIMEOUT);
  try {
    return await library.ask(row.request);
  } finally {
    library.close();
    await server.stop();
  }
}

async function lineMeets(row: Row): Promise<string> {
  let met = "";
  await withRig(row.script(), {}, async (rig) => {
    met = await within(rig.ask(row.request, { responseTimeout: ms(TIMEOUT) }).then(words));
    // Whatever happened, the line is of use afterwards.
    rig.server.script = honest;
    await rig.becomes("up");
    assert.equal(await within(rig.ask(READ_TWO).then(words)), TRUTH);
  });
  return met;
}

describe("modbus-serial's own TCP port and the line, before the same faults", () => {
  for (const row of ROWS) {
    it(row.fault, async () => {
      const library = await libraryMeets(row);
      const line = await lineMeets(row);
      compare(row.fault, library, line);
      assert.match(library, row.library);
      assert.match(line, row.line);
    });
  }

  it("an answer 256 requests late", async () => {
    const late = (): Script => {
      let first: ServedRequest | undefined;
      return (request) => {
        first ??= request;
        if (request === first) return [];
        const again = request.index === 256 ? [{ send: right(first) }] : [];
        return [...again, { send: right(request) }];
      };
    };
    const server = await HostileServer.start(late());
    const library = await LibraryPort.open(server.port, TIMEOUT);
    assert.match(await library.ask(readRegisters(999)), /Timed out/);
    for (let index = 1; index < 256; index++) await library.ask(readRegisters(index));
    const wrong = await library.ask(readRegisters(500));
    library.close();
    await server.stop();

    await withRig(late(), {}, async (rig) => {
      const first = await rig.ask(readRegisters(999), { responseTimeout: ms(TIMEOUT) });
      assert.equal(first.failure?.kind, "timeout");
      for (let index = 1; index < 256; index++) await rig.ask(readRegisters(index));
      const answer = words(await rig.ask(readRegisters(500)));
      compare("answer 256 requests late", `${wrong} (of another register)`, answer);
      assert.equal(wrong, JSON.stringify([registerOf(1, 999)]));
      assert.equal(answer, JSON.stringify([registerOf(1, 500)]));
      assert.equal(rig.line.statistics().lateAnswers, 1);
    });
  });

  it("the port closed with a request under way, no timeout set", async () => {
    const server = await HostileServer.start(() => []);
    const library = await LibraryPort.open(server.port, undefined);
    const asked = library.ask(READ_TWO);
    library.client.close(() => undefined);
    const hung = await asked;
    await server.stop();

    await withRig(
      () => [],
      {},
      async (rig) => {
        const pending = rig.ask(READ_TWO, { responseTimeout: ms(60_000) });
        await eventually(rig.server.requested, () => true, "the request");
        await rig.line.close();
        const line = words(await pending);
        compare("port closed with a request under way", hung, line);
        assert.equal(hung, "hangs");
        assert.equal(line, "line lost: closed by the master");
      },
    );
  });

  it("a duplicate answer", async () => {
    const twice: Script = (request) => [{ send: Buffer.concat([right(request), right(request)]) }];
    const server = await HostileServer.start(twice);
    const library = await LibraryPort.open(server.port, TIMEOUT);
    let calls = 0;
    const calledTwice = new Promise<string>((resolve) => {
      library.client.writeFC3(1, 10, 2, () => ++calls === 2 && resolve("twice"));
    });
    assert.equal(await within(calledTwice), "twice");
    library.close();
    await server.stop();

    await withRig(twice, {}, async (rig) => {
      const line = words(await rig.ask(READ_TWO));
      assert.equal(words(await rig.ask(READ_TWO)), TRUTH);
      compare("duplicate answer", `calls back ${calls} times`, line);
      assert.equal(line, TRUTH);
      assert.equal(rig.line.statistics().lateAnswers, 2);
    });
  });

  it("a header that promises 60,000 bytes, and honest answers from then on", async () => {
    const once = (): Script => (request) =>
      request.index === 0 ? [{ send: frame(request.id, 1, rightPdu(request), { length: 60_000 }) }] : honest(request);
    const server = await HostileServer.start(once());
    const library = await LibraryPort.open(server.port, TIMEOUT);
    const outcomes: string[] = [];
    for (let count = 0; count < 4; count++) outcomes.push(await library.ask(READ_TWO));
    library.close();
    await server.stop();

    await withRig(once(), {}, async (rig) => {
      assert.match(words(await rig.ask(READ_TWO)), /line lost: length 60000/);
      await rig.becomes("up");
      const line = words(await rig.ask(READ_TWO));
      compare("after a length of 60,000", `${outcomes.join(", ")}, …`, line);
      assert.deepEqual(new Set(outcomes), new Set(["error: Timed out"]));
      assert.equal(line, TRUTH);
    });
  });

  it("two answers merged into one segment, in reverse order", async () => {
    const reversed = (): Script => {
      let first: ServedRequest | undefined;
      return (request) => {
        if (first === undefined) {
          first = request;
          return [];
        }
        return [{ send: Buffer.concat([right(request), right(first)]) }];
      };
    };
    const server = await HostileServer.start(reversed());
    const library = await LibraryPort.open(server.port, TIMEOUT);
    const theirs = await Promise.all([library.ask(readRegisters(1)), library.ask(readRegisters(2))]);
    library.close();
    await server.stop();

    const options = { settings: { window: 2 }, unitWindows: { 1: 2 } };
    await withRig(reversed(), options, async (rig) => {
      const ours = await Promise.all([rig.ask(readRegisters(1)), rig.ask(readRegisters(2))]);
      const line = ours.map(words).join(" ");
      compare("two answers merged, in reverse order", theirs.join(" "), line);
      assert.equal(line, `[${registerOf(1, 1)}] [${registerOf(1, 2)}]`);
    });
  });

  it("an answer that comes after its timeout", async () => {
    const late: Script = (request) =>
      request.index === 0 ? [{ wait: 150 }, { send: right(request) }] : [{ wait: 80 }, { send: right(request) }];
    const server = await HostileServer.start(late);
    const library = await LibraryPort.open(server.port, TIMEOUT);
    await library.ask(readRegisters(1));
    const theirs = await library.ask(readRegisters(2));
    library.close();
    await server.stop();

    await withRig(late, {}, async (rig) => {
      await rig.ask(readRegisters(1), { responseTimeout: ms(TIMEOUT) });
      const line = words(await rig.ask(readRegisters(2), { responseTimeout: ms(TIMEOUT) }));
      compare("answer after its timeout", theirs, line);
      assert.equal(line, `[${registerOf(1, 2)}]`);
      assert.equal(rig.line.statistics().lateAnswers, 1);
    });
  });

  after(() => {
    const rows = [{ fault: "fault of the peer", library: "modbus-serial's own TcpPort", line: "the line" }, ...seen];
    for (const { fault, library, line } of rows)
      stdout.write(`    ${fault.padEnd(46)} ${library.padEnd(46)} ${line}\n`);
  });
});
