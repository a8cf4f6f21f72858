import assert from "node:assert/strict";
import { describeFrame } from "../../../../src/app/trace/describe-frame.ts";
import type { RecordedFrame } from "../../../../src/app/trace/recording.ts";

type Row = readonly [RecordedFrame["protocol"], RecordedFrame["direction"], string, string];

const ROWS: readonly Row[] = [
  ["rtu", "sent", "11 03 00 6B 00 03 76 87", "unit 17 read holding 107..109"],
  ["rtu", "received", "11 03 06 AE 41 56 52 43 40 49 AD", "unit 17 read holding = ae41 5652 4340"],
  ["rtu", "sent", "01 01 00 13 00 01 00 00", "unit 1 read coil 19"],
  ["rtu", "received", "01 01 01 05 00 00", "unit 1 read coil = 05"],
  ["rtu", "sent", "01 05 00 AC FF 00 00 00", "unit 1 write coil 172 = on"],
  ["rtu", "received", "01 06 00 01 00 03 00 00", "unit 1 write holding 1 = 3 done"],
  ["rtu", "sent", "01 10 00 01 00 02 04 00 0A 01 02 00 00", "unit 1 write registers 1..2"],
  ["rtu", "received", "01 10 00 01 00 02 00 00", "unit 1 write registers 1..2 done"],
  ["rtu", "sent", "01 16 00 04 00 F2 00 25 00 00", "unit 1 mask holding 4 and 00f2 or 0025"],
  ["rtu", "received", "0A 81 02 B0 53", "unit 10 read coil: exception 02 illegal data address"],
  ["tcp", "sent", "12 34 00 00 00 06 09 04 00 08 00 01", "#4660 unit 9 read input 8"],
  ["tcp", "received", "12 34 00 00 00 05 09 04 02 00 0A", "#4660 unit 9 read input = 000a"],
  ["tcp", "sent", "00 01 00 00 00 05 01 2B 0E 01 00", "#1 unit 1 identification"],
  ["rtu", "received", "FF", "1 bytes"],
  ["rtu", "received", "01 42 00 00 00", "unit 1 function 66 done"],
];

describe("a traced frame", () => {
  for (const [protocol, direction, text, said] of ROWS) {
    it(`${text} says ${said}`, () => {
      const bytes = Buffer.from(text.replaceAll(" ", ""), "hex");
      assert.equal(describeFrame({ protocol, direction, bytes }), said);
    });
  }

  it("of any bytes is described", () => {
    for (let length = 0; length < 14; length++) {
      for (const code of [1, 3, 5, 6, 15, 16, 17, 22, 23, 43, 0x83]) {
        for (const protocol of ["rtu", "tcp"] as const) {
          const bytes = Buffer.alloc(length, code);
          for (const direction of ["sent", "received"] as const) describeFrame({ protocol, direction, bytes });
        }
      }
    }
  });
});
