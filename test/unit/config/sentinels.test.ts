import assert from "node:assert/strict";
import { readProfile } from "../../../src/config/profile/read-profile.ts";
import { parseYaml } from "../../../src/config/source/read-yaml.ts";
import { tagCodec } from "../../../src/device/tag-codec.ts";

/** What a tag with these words makes of its registers: a value, or why there is none. */
function reading(words: string, registers: readonly number[]): unknown {
  const text = `profile: a/b\ntitle: t\ntags:\n  x: { at: holding 0, ${words} }\n`;
  const yaml = parseYaml(text, "b.yaml");
  assert.ok(yaml.ok);
  const { profile, issues } = readProfile({ file: "b.yaml", root: yaml.value }, { name: "a/b" });
  assert.deepEqual(issues, []);
  const tag = profile?.tags.get("x");
  assert.ok(tag);
  const codec = tagCodec(tag);
  assert.ok(codec.kind === "registers");
  const { value, reason } = codec.decode(registers, 0);
  return reason === "ok" ? value : reason;
}

const FFFF = [0xffff, 0xffff, 0xffff, 0xffff];

describe("sentinels as data sheets write them", () => {
  const rows: readonly [words: string, registers: readonly number[], expected: unknown][] = [
    ["type: int16, invalid: [0x8000]", [0x8000], "sentinel"],
    ["type: int16, invalid: [0x8000]", [0x7fff], 32767],
    ["type: int16, invalid: [-32768]", [0x8000], "sentinel"],
    ["type: int32, invalid: [0x80000000]", [0x8000, 0], "sentinel"],
    ["type: int64, invalid: [0x8000000000000000]", [0x8000, 0, 0, 0], "sentinel"],
    ["type: int64, invalid: [0x7FFFFFFFFFFFFFFF]", [0x7fff, 0xffff, 0xffff, 0xfffe], 2n ** 63n - 2n],
    ["type: uint64, invalid: [18446744073709551615]", FFFF, "sentinel"],
    ["type: uint64, invalid: [0xFFFFFFFFFFFFFFFF]", [0xffff, 0xffff, 0xffff, 0xfffe], 2n ** 64n - 2n],
    ["type: uint64, invalid: [0xFFFFFFFFFFFFFFFF]", FFFF, "sentinel"],
    ["type: float32, invalid: [0x7FC00000]", [0x7fc0, 0], "sentinel"],
    ["type: float32, invalid: [0xC61C3C00]", [0xc61c, 0x3c00], "sentinel"],
    ['type: float32, invalid: ["0xC61C3C00"]', [0xc61c, 0x3c00], "sentinel"],
    ["type: float32, invalid: [0x10]", [0x4180, 0], 16],
    ["type: float32, invalid: [-9999.5]", [0xc61c, 0x3e00], "sentinel"],
    ["type: float32, invalid: [-9999]", [0xc61c, 0x3c00], "sentinel"],
    ["type: float64, invalid: [0xFFEFFFFFFFFFFFFF]", [0xffef, 0xffff, 0xffff, 0xffff], "sentinel"],
  ];
  for (const [words, registers, expected] of rows) {
    it(`${words}: ${registers.map((word) => word.toString(16)).join(" ")} is ${String(expected)}`, () => {
      assert.deepEqual(reading(words, registers), expected);
    });
  }
});
