import assert from "node:assert/strict";
import { checkSum, isWholeFrame, rtuFrame } from "../../../../simulators/serial/check-sum.ts";
import { fromHex, toHex } from "../../../../src/kit/bytes.ts";

describe("the check sum of the simulated wire", () => {
  it("is the one of the specification's example, low byte first", () => {
    // V1.02, 6.2.2: unit 2, function 7 give 1241 hex, sent as 41 12.
    assert.equal(checkSum(fromHex("02 07")), 0x1241);
    assert.equal(toHex(rtuFrame(2, Buffer.of(7))), "02 07 41 12");
  });

  it("is the one of frames seen in the field", () => {
    for (const frame of ["01 03 00 00 00 0A C5 CD", "11 03 00 6B 00 03 76 87", "01 83 02 C0 F1"])
      assert.ok(isWholeFrame(fromHex(frame)), frame);
  });

  it("makes no frame of less than a unit and a function, nor of more than 256 bytes", () => {
    assert.ok(!isWholeFrame(Buffer.alloc(0)));
    assert.ok(!isWholeFrame(fromHex("01 7E 80")));
    assert.ok(!isWholeFrame(rtuFrame(1, Buffer.alloc(254))));
    assert.ok(isWholeFrame(rtuFrame(1, Buffer.alloc(253))));
  });
});
