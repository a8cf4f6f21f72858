import assert from "node:assert/strict";
import { stdout } from "node:process";
import ModbusRTU from "modbus-serial";
import { openLine } from "../../../src/bus/open-line.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";
import { registerOf } from "../../support/tcp/hostile-server.ts";
import { peer } from "../../support/processes/peers.ts";
import { PtyPair } from "../../support/serial/pty-pair.ts";
import { SERIAL } from "../../support/serial/rtu-line-rig.ts";
import { rtu } from "../../support/serial/rtu-oracle.ts";
import { describeOutcome } from "../../support/serial/rtu-script.ts";
import { type Reply, rightFrame, terminalSlave } from "../../support/serial/rtu-terminal-slave.ts";
import { within } from "../../support/tcp/library-port.ts";
import { eventually } from "../../support/tcp/tcp-line-rig.ts";

const TIMEOUT = 60;

/** Asked one after the other: two registers each, so that a value shows which question it answers. */
const ADDRESSES = [10, 20, 30] as const;
const WRITE = { address: 16, value: 4660 } as const;

interface Row {
  readonly fault: string;
  /** A fresh one for each client: it may remember. */
  readonly reply: () => Reply;
  /** Reads unless said otherwise. */
  readonly write?: boolean;
  /** What modbus-serial's RTU port makes of it, joined by "; ". */
  readonly library: RegExp;
}

/** The first request meets the fault, the following ones an honest slave. */
function once(fault: Reply): () => Reply {
  return () => {
    let count = 0;
    return (request, say) => (count++ === 0 ? fault(request, say) : say(rightFrame(request)));
  };
}

const always = (fault: (request: Buffer) => Buffer) => (): Reply => (request, say) => say(fault(request));

/** The right answer with one byte of it replaced, its check sum right. */
const changed = (at: number, by: number): (() => Reply) =>
  always((request) => {
    const body = rightFrame(request).subarray(0, -2);
    body[at] = ((body[at] ?? 0) + by) & 255;
    return rtu(body);
  });

const later = (wait: number, act: () => void): void => void systemClock.after("late", ms(wait), act);
const ANY = /./;
const WRONG = /WRONG/;

const ROWS: readonly Row[] = [
  { fault: "none", reply: once((request, say) => say(rightFrame(request))), library: /^right; right; right$/ },
  {
    fault: "an answer after its timeout",
    reply: once((request, say) => later(TIMEOUT + 15, () => say(rightFrame(request)))),
    library: ANY,
  },
  {
    fault: "every answer after its timeout",
    reply: () => (request, say) => later(TIMEOUT + 15, () => say(rightFrame(request))),
    library: WRONG,
  },
  {
    fault: "noise like a head, then the answer",
    reply: once((request, say) => say(Buffer.concat([request.subarray(0, 2), Buffer.of(4, 0), rightFrame(request)]))),
    library: ANY,
  },
  {
    fault: "a wrong check sum",
    reply: once((request, say) => say(Buffer.concat([rightFrame(request).subarray(0, -1), Buffer.of(0)]))),
    library: ANY,
  },
  {
    fault: "another unit's answer first",
    reply: once((request, say) => say(Buffer.concat([rtu([9, 3, 4, 0, 0, 0, 0]), rightFrame(request)]))),
    library: ANY,
  },
  { fault: "echo of another address", reply: changed(3, 1), write: true, library: WRONG },
  { fault: "echo of another value", reply: changed(5, 1), write: true, library: WRONG },
  { fault: "another function", reply: changed(1, 1), library: ANY },
  {
    fault: "fewer registers than asked",
    reply: always((request) => rtu([request.readUInt8(0), 3, 2, 0, 7])),
    library: ANY,
  },
  {
    fault: "an answer in single bytes",
    reply: once((request, say) => [...rightFrame(request)].forEach((byte) => say(Buffer.of(byte)))),
    library: ANY,
  },
  {
    fault: "the answer twice",
    reply: () => (request, say) => say(Buffer.concat([rightFrame(request), rightFrame(request)])),
    library: ANY,
  },
];

const truth = (address: number): string => `${registerOf(1, address)},${registerOf(1, address + 1)}`;

function judged(values: readonly number[] | undefined, address: number): string {
  return values?.join(",") === truth(address) ? "right" : `WRONG ${String(values)}`;
}

async function withLibrary(row: Row): Promise<string> {
  return overPty(row, async (path) => {
    const client = new ModbusRTU.default();
    client.on("error", () => undefined);
    await client.connectRTUBuffered(path, { baudRate: 19_200 });
    client.setID(1);
    client.setTimeout(TIMEOUT);
    const outcomes: string[] = [];
    for (const address of ADDRESSES) {
      outcomes.push(
        await within(
          row.write
            ? client.writeRegister(WRITE.address, WRITE.value).then(() => "WRONG success")
            : client.readHoldingRegisters(address, 2).then(({ data }) => judged(data, address)),
        ),
      );
    }
    await new Promise<void>((resolve) => client.close(() => resolve()));
    return outcomes.join("; ");
  });
}

async function withLine(row: Row): Promise<string> {
  return overPty(row, async (path) => {
    const settings = {
      ...SERIAL,
      adapter: { path },
      format: { baudRate: 19_200, parity: "none", stopBits: 1 },
    } as const;
    const line = openLine(settings, {
      unitWindows: new Map(),
      clock: systemClock,
      random: () => 0,
      logger: silentLogger,
    });
    line.open();
    await eventually(line.changes, ({ state }) => state === "up", "the line");
    const outcomes: string[] = [];
    for (const address of ADDRESSES) {
      const read = { fc: 3, address, quantity: 2 } as const;
      const request = row.write ? ({ fc: 6, ...WRITE } as const) : read;
      const result = await line.send({ unit: 1, request, responseTimeout: ms(TIMEOUT), lane: "read" });
      if (!result.ok) outcomes.push(describeOutcome(result.failure.failure));
      else if (result.value.answer.kind === "registers") outcomes.push(judged(result.value.answer.registers, address));
      else outcomes.push("WRONG success");
    }
    await line.close();
    return outcomes.join("; ");
  });
}

async function overPty(row: Row, body: (path: string) => Promise<string>): Promise<string> {
  const pair = await PtyPair.start();
  const slave = await terminalSlave(pair.slave, row.reply());
  try {
    return await body(pair.master);
  } finally {
    await slave.close();
    await pair.stop();
  }
}

describe("modbus-serial's RTU port and a takt line, fault by fault", () => {
  before(peer("socat"));
  before(() => void stdout.write(`    ${"fault".padEnd(36)} ${"modbus-serial".padEnd(68)} takt\n`));

  for (const row of ROWS) {
    it(row.fault, async () => {
      const library = await withLibrary(row);
      const line = await withLine(row);
      stdout.write(`    ${row.fault.padEnd(36)} ${library.padEnd(68)} ${line}\n`);
      assert.match(library, row.library);
      assert.doesNotMatch(line, WRONG);
      assert.doesNotMatch(line, /hangs/);
    });
  }
});
