import assert from "node:assert/strict";
import { takePlace } from "../../../../src/app/access/place.ts";

type Case = readonly [words: string, classic: string | undefined, place: string, note?: string];

const PLACES: readonly Case[] = [
  ["holding 0 10", undefined, "holding 0 [10]"],
  ["coil 65535", undefined, "coil 65535 []"],
  ["input 0x10 2", undefined, "input 16 [2]"],
  [
    "holding 40001",
    undefined,
    "holding 40001 []",
    "holding 40001 is taken as it stands: addresses are zero-based; did you mean holding 0?",
  ],
  [
    "input 30011 2",
    undefined,
    "input 30011 [2]",
    "input 30011 is taken as it stands: addresses are zero-based; did you mean input 10?",
  ],
  ["holding 40000", undefined, "holding 40000 []"],
  ["holding 50000", undefined, "holding 50000 []"],
  ["coil 10001", undefined, "coil 10001 []"],
  ["40001 10", undefined, "holding 0 [10]", "40001 is holding 0, counted from 1"],
  ["400001", undefined, "holding 0 []", "400001 is holding 0, counted from 1"],
  ["465536", undefined, "holding 65535 []", "465536 is holding 65535, counted from 1"],
  ["49999", undefined, "holding 9998 []", "49999 is holding 9998, counted from 1"],
  ["", "40011", "holding 10 []", "40011 is holding 10, counted from 1"],
  ["5", "30001", "input 0 [5]", "30001 is input 0, counted from 1"],
  ["", "10001", "discrete 0 []", "10001 is discrete 0, counted from 1"],
  ["", "1", "coil 0 []", "1 is coil 0, counted from 1"],
  ["", "00001", "coil 0 []", "00001 is coil 0, counted from 1"],
  ["on", "000017", "coil 16 [on]", "000017 is coil 16, counted from 1"],
];

const MISTAKES: readonly (readonly [words: string, classic: string | undefined, sentence: RegExp])[] = [
  ["", undefined, /name a table and an address/],
  ["holdin 0", undefined, /"holdin" is no table; the four are coil, discrete, input, holding/],
  ["holding", undefined, /which holding\?/],
  ["holding -1", undefined, /no number from 0 to 65535/],
  ["holding 65536", undefined, /no number from 0 to 65535/],
  ["holding 1e3", undefined, /no number from 0 to 65535/],
  ["holding 400011", undefined, /--address 400011/],
  ["40000", undefined, /count from 1/],
  ["465537", undefined, /the last address of a table is 65536/],
  ["20001", undefined, /no table has the digit 2/],
  ["", "4000100", /no classic number/],
  ["", "0", /count from 1/],
  ["", "-40001", /no classic number/],
  ["holding 0", "40001", /leave "holding" out/],
];

describe("the place in a command", () => {
  for (const [words, classic, expected, note] of PLACES) {
    it(`${words} ${classic === undefined ? "" : `--address ${classic}`} is ${expected}`, () => {
      const taken = takePlace(split(words), classic);
      assert.ok(taken.ok);
      const { place, rest } = taken.value;
      assert.equal(`${place.table} ${place.address} [${rest.join(" ")}]`, expected);
      assert.equal(place.note, note);
    });
  }
  for (const [words, classic, sentence] of MISTAKES) {
    it(`${words} ${classic === undefined ? "" : `--address ${classic}`} is a mistake that is explained`, () => {
      const taken = takePlace(split(words), classic);
      assert.ok(!taken.ok);
      assert.match(taken.failure, sentence);
    });
  }
});

function split(words: string): readonly string[] {
  return words === "" ? [] : words.split(" ");
}
