import assert from "node:assert/strict";
import { allOrdersJson, allOrdersText } from "../../../../src/app/read/all-orders.ts";

describe("every type and order side by side", () => {
  it("shows the same registers in every way", () => {
    const expected = [
      "  address   hex  bits 15 to 0         uint16   int16  bcd16  uint16 BA  int16 BA  text",
      "       10  3F8C  0011 1111 1000 1100   16268   16268      -      35903    -29633  ?.",
      "       11  CCCD  1100 1100 1100 1101   52429  -13107      -      52684    -12852  ..",
      "       12  4142  0100 0001 0100 0010   16706   16706   4142      16961     16961  AB",
      "       13  0A00  0000 1010 0000 0000    2560    2560      -         10        10  ..",
      "",
      "  address                 ABCD           CDAB            BADC         DCBA",
      "   10..11  uint32   1066192077     3436003212      2352991692   3452734527",
      "           int32    1066192077     -858964084     -1941975604   -842232769",
      "           float32         1.1     -107609180  -1.4776035e-31   -428967900",
      "   12..13  uint32   1094846976      167788866      1111556106       672321",
      "           int32    1094846976      167788866      1111556106       672321",
      "           float32   12.127441  6.1752495e-33        48.25004  9.42122e-40",
      "",
      "  address                           ABCD                     CDAB                      BADC                    DCBA",
      "   10..13  uint64    4579260103064160768       720647695538929548      10106022366011260938        2887600160148543",
      "           int64     4579260103064160768       720647695538929548      -8340721707698290678        2887600160148543",
      "           float64  0.014062503389372871  1.6518809458231928e-260  -1.1105137990805798e-249  1.426664038055077e-308",
      "",
      '     text  AB  "?...AB.."',
      '           BA  ".?..BA.."',
    ];
    assert.deepEqual(allOrdersText(10, [0x3f8c, 0xcccd, 0x4142, 0x0a00]).split("\n"), expected);
  });

  it("shows no part of a value that is not all there", () => {
    const text = allOrdersText(0, [1, 2, 3]);
    assert.match(text, /^ +0\.\.1 +uint32/m);
    assert.doesNotMatch(text, /2\.\.3|uint64/);
  });

  it("keeps 64-bit integers exact in JSON", () => {
    const json = JSON.stringify(allOrdersJson(0, [0x7fff, 0xffff, 0xffff, 0xffff]));
    assert.match(json, /"int64":\{"ABCD":"9223372036854775807"/);
  });
});
