import assert from "node:assert/strict";
import { FUNCTION_CODES, isFunctionCode, isWrite } from "../../../src/modbus/function-code.ts";

describe("function codes", () => {
  it("knows those takt speaks, and no other byte", () => {
    const known = Array.from({ length: 256 }, (_, code) => code).filter((code) => isFunctionCode(code));
    assert.deepEqual(known, [1, 2, 3, 4, 5, 6, 15, 16, 17, 22, 23, 43]);
    assert.deepEqual(FUNCTION_CODES, known);
  });

  it("calls a write what may change something in the slave", () => {
    assert.deepEqual(FUNCTION_CODES.filter(isWrite), [5, 6, 15, 16, 22, 23]);
  });
});
