import assert from "node:assert/strict";
import { fromHex } from "../../../src/kit/bytes.ts";
import { crc16 } from "../../../src/modbus/crc16.ts";

describe("the check sum of RTU frames", () => {
  for (const frame of ["11 03 00 00 00 02 C6 9B", "11 03 04 00 AA 00 BB 8B A1", "02 07 41 12"]) {
    it(`is that of ${frame}`, () => {
      const bytes = fromHex(frame);
      assert.equal(crc16(bytes, bytes.length - 2), bytes.readUInt16LE(bytes.length - 2));
    });
  }
});
