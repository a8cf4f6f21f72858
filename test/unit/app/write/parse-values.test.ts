import assert from "node:assert/strict";
import { parseKind } from "../../../../src/app/access/value-kind.ts";
import { parseValues } from "../../../../src/app/write/parse-values.ts";
import type { Table } from "../../../../src/device/location.ts";

interface Case {
  readonly texts: string;
  readonly table?: Table;
  readonly type?: string;
  readonly order?: string;
  readonly length?: string;
}

const FITTING: readonly (readonly [Case, readonly number[]])[] = [
  [{ texts: "true on 1 false off 0 ON", table: "coil" }, [1, 1, 1, 0, 0, 0, 1]],
  [{ texts: "0 65535 -1 -32768 0xFF" }, [0, 65535, 65535, 32768, 255]],
  [{ texts: "-2", type: "int16" }, [65534]],
  [{ texts: "1.1", type: "float32" }, [0x3f8c, 0xcccd]],
  [{ texts: "1.1", type: "float32", order: "cdab" }, [0xcccd, 0x3f8c]],
  [{ texts: "-1.5e3", type: "float32", order: "DCBA" }, [0x0080, 0xbbc4]],
  [{ texts: "70000 1", type: "uint32" }, [1, 4464, 0, 1]],
  [{ texts: "18446744073709551615", type: "uint64" }, [65535, 65535, 65535, 65535]],
  [{ texts: "1234", type: "bcd16" }, [0x1234]],
  [{ texts: "abc", type: "string", length: "4" }, [0x6162, 0x6300]],
];

const UNFIT: readonly (readonly [Case, RegExp])[] = [
  [{ texts: "2", table: "coil" }, /no bit; write on or off/],
  [{ texts: "constructor", table: "coil" }, /no bit/],
  [{ texts: "65536" }, /--type uint32/],
  [{ texts: "-32769" }, /does not fit into one register/],
  [{ texts: "1.5" }, /--type float32/],
  [{ texts: "1,5", type: "float32" }, /is no float32/],
  [{ texts: "NaN", type: "float32" }, /is no float32/],
  [{ texts: "1e39", type: "float32" }, /does not fit into float32/],
  [{ texts: "40000", type: "int16" }, /does not fit into int16 \(-32768 to 32767\)/],
  [{ texts: "12345", type: "bcd16" }, /\(0 to 9999\)/],
  [{ texts: "abcde", type: "string", length: "4" }, /does not fit into string of 4 bytes/],
  [{ texts: "x", type: "uint16" }, /is no uint16/],
];

describe("values to be written", () => {
  for (const [given, cells] of FITTING) {
    it(`${title(given)} is ${cells.join(" ")}`, () => assert.deepEqual(parse(given), { ok: true, value: cells }));
  }
  for (const [given, sentence] of UNFIT) {
    it(`${title(given)} is refused with a reason`, () => {
      const values = parse(given);
      assert.ok(!values.ok);
      assert.match(values.failure, sentence);
    });
  }
});

const KIND_MISTAKES: readonly (readonly [Omit<Case, "texts">, RegExp])[] = [
  [{ type: "flaot32" }, /did you mean "float32"\?/],
  [{ type: "toString" }, /is no type/],
  [{ type: "float32", order: "ABDC" }, /the four are ABCD, CDAB, BADC, DCBA/],
  [{ type: "string" }, /--length 16/],
  [{ type: "string", length: "0" }, /outside 1\.\.4096/],
  [{ type: "uint16", length: "4" }, /--length goes with --type string/],
  [{ length: "4" }, /--length goes with --type string/],
  [{ type: "uint16", table: "coil" }, /is for registers/],
];

describe("the type of values", () => {
  for (const [given, sentence] of KIND_MISTAKES) {
    it(`${title({ texts: "", ...given })} is refused with a reason`, () => {
      const kind = parseKind(given, given.table ?? "holding");
      assert.ok(!kind.ok);
      assert.match(kind.failure, sentence);
    });
  }
});

function parse({ texts, table = "holding", ...words }: Case): ReturnType<typeof parseValues> {
  const kind = parseKind(words, table);
  assert.ok(kind.ok);
  return parseValues(texts.split(" "), table, kind.value);
}

function title({ texts, table = "holding", type = "", order = "", length = "" }: Case): string {
  return [table, type, order, length, texts].filter((word) => word !== "").join(" ");
}
