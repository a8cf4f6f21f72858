import assert from "node:assert/strict";
import { parseWrite, type WriteOrder, type WriteWords } from "../../../../src/app/write/parse-write.ts";
import { writeRange, writeRequest } from "../../../../src/app/write/write-range.ts";
import { isWrite } from "../../../../src/modbus/function-code.ts";
import type { AccessOutcome } from "../../../../src/link/messages.ts";
import type { Request } from "../../../../src/modbus/request.ts";
import { answered, failed, FakeAccess, refused, SILENT } from "../../../support/scan/fake-access.ts";

const WORDS: WriteWords = { unit: "1", multiple: false, timeout: "1s" };

function orderOf(words: string, options: Partial<WriteWords> = {}): WriteOrder {
  const order = parseWrite("tcp://host", words.split(" "), { ...WORDS, ...options });
  assert.ok(order.ok);
  return order.value;
}

const REQUESTS: readonly (readonly [string, Partial<WriteWords>, Request])[] = [
  ["holding 4 123", {}, { fc: 6, address: 4, value: 123 }],
  ["holding 4 123", { multiple: true }, { fc: 16, address: 4, values: [123] }],
  ["holding 4 1 2", {}, { fc: 16, address: 4, values: [1, 2] }],
  ["holding 4 1", { type: "uint32", order: "CDAB" }, { fc: 16, address: 4, values: [1, 0] }],
  ["coil 4 on", {}, { fc: 5, address: 4, value: true }],
  ["coil 4 off on", {}, { fc: 15, address: 4, values: [false, true] }],
];

describe("what takt write sends", () => {
  for (const [words, options, request] of REQUESTS) {
    it(`${words} ${JSON.stringify(options)} as function ${request.fc}`, () => {
      assert.deepEqual(writeRequest(orderOf(words, options)), request);
    });
  }
  for (const words of [
    "input 0 1",
    "discrete 0 1",
    "holding 0",
    `holding 0 ${"1 ".repeat(124).trim()}`,
    "holding 65535 1 2",
  ]) {
    it(`${words.slice(0, 20)} is refused`, () => {
      assert.equal(parseWrite("tcp://host", words.split(" "), WORDS).ok, false);
    });
  }
});

const written: AccessOutcome = answered({ kind: "written" });
const holds = (...registers: readonly number[]): AccessOutcome => answered({ kind: "registers", registers });
const lost = failed({ kind: "lineLost", reason: "closed by the peer" });

interface Case {
  readonly title: string;
  readonly write: AccessOutcome;
  /** Undefined: not read back. */
  readonly back?: AccessOutcome;
  readonly before?: number;
  readonly ends: string;
}

const CASES: readonly Case[] = [
  { title: "confirmed and read back", write: written, back: holds(123), ends: "verified" },
  { title: "confirmed, reads back otherwise", write: written, back: holds(7), ends: "failed" },
  { title: "confirmed, cannot be read back", write: written, back: SILENT, ends: "acknowledged" },
  { title: "confirmed, must not be read", write: written, back: refused(2), ends: "acknowledged" },
  { title: "refused", write: refused(2), ends: "refused" },
  { title: "busy", write: refused(6), ends: "failed" },
  { title: "gateway without a path", write: refused(10), ends: "failed" },
  { title: "being worked on", write: refused(5), back: holds(7), ends: "acknowledged" },
  { title: "worked on and done", write: refused(5), back: holds(123), ends: "verified" },
  { title: "silent, then there", write: SILENT, back: holds(123), before: 7, ends: "verified" },
  { title: "silent, and there before", write: SILENT, back: holds(123), before: 123, ends: "unknown" },
  { title: "silent, what was there is not known", write: SILENT, back: holds(123), ends: "unknown" },
  { title: "silent, not there", write: SILENT, back: holds(7), before: 7, ends: "unknown" },
  { title: "device failure", write: refused(4), back: holds(7), before: 7, ends: "unknown" },
  { title: "line lost, then gone", write: lost, back: lost, before: 7, ends: "unknown" },
  { title: "never sent", write: failed({ kind: "notSent", reason: "line down" }), ends: "failed" },
  { title: "not reachable", write: failed({ kind: "unreachable", reason: "x" }), ends: "failed" },
  { title: "denied by the master", write: failed({ kind: "denied", reason: "read-only" }), ends: "rejected" },
];

describe("what becomes of a write", () => {
  for (const { title, write, back, before, ends } of CASES) {
    it(`${title}: ${ends}`, async () => {
      const access = new FakeAccess((_unit, { fc }) => (isWrite(fc) ? write : (back ?? SILENT)));
      const report = await writeRange(access, orderOf("holding 4 123"), before === undefined ? undefined : [before]);
      assert.equal(report.outcome, ends);
      assert.ok(report.reason !== undefined || ends === "verified");
      const functions = access.asked.map(({ request }) => request.fc);
      assert.deepEqual(functions, back ? [6, 3] : [6], "written once, and read back only where that tells something");
    });
  }
});
