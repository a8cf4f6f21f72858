import assert from "node:assert/strict";
import { readControlRequest } from "../../../../src/app/control/read-control-request.ts";
import type { Request } from "../../../../src/modbus/request.ts";

const access = (request: unknown, rest: object = {}): string =>
  JSON.stringify({ access: { line: "cell", unit: 1, timeout: 1000, request, ...rest } });

const REQUESTS: readonly Request[] = [
  { fc: 1, address: 0, quantity: 2000 },
  { fc: 4, address: 7, quantity: 1 },
  { fc: 5, address: 7, value: true },
  { fc: 6, address: 7, value: 65_535 },
  { fc: 15, address: 7, values: [true, false] },
  { fc: 16, address: 7, values: [1, 2] },
  { fc: 17 },
  { fc: 22, address: 7, and: 1, or: 2 },
  { fc: 43, category: 1, objectId: 0 },
];

const WRONG: readonly string[] = [
  "",
  "null",
  "[]",
  "{",
  '"hello"',
  '{"hello":2}',
  '{"access":null}',
  access({ fc: 3, address: 0, quantity: 126 }),
  access({ fc: 3, address: -1, quantity: 1 }),
  access({ fc: 3, address: "0", quantity: 1 }),
  access({ fc: 6, address: 0, value: 65_536 }),
  access({ fc: 6, address: 0, value: 1.5 }),
  access({ fc: 15, address: 0, values: [1] }),
  access({ fc: 16, address: 0, values: [] }),
  access({ fc: 16, address: 0, values: "12" }),
  access({ fc: 8 }),
  access({ fc: "toString" }),
  access({ fc: 43, category: 5, objectId: 0 }),
  access(undefined),
  access({ fc: 17 }, { unit: 256 }),
  access({ fc: 17 }, { unit: 1.5 }),
  access({ fc: 17 }, { line: 5 }),
  access({ fc: 17 }, { timeout: 0 }),
  access({ fc: 17 }, { timeout: 10_001 }),
];

describe("a request on the control socket", () => {
  it("may be a greeting", () => assert.deepEqual(readControlRequest('{"hello":1}'), { ok: true, value: { hello: 1 } }));
  for (const request of REQUESTS) {
    it(`may be ${JSON.stringify(request)}, of which nothing else gets through`, () => {
      assert.deepEqual(readControlRequest(access({ ...request, extra: "x" })), {
        ok: true,
        value: { access: { line: "cell", unit: 1, timeout: 1000, request } },
      });
    });
  }
  for (const line of WRONG) {
    it(`is not ${line.slice(0, 90)}`, () => {
      const request = readControlRequest(line);
      assert.ok(!request.ok);
      assert.notEqual(request.failure, "");
    });
  }
});
