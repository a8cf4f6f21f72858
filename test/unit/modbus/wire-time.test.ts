import assert from "node:assert/strict";
import fc from "fast-check";
import type { Request } from "../../../src/modbus/request.ts";
import { BAUD_RATES, PARITIES, type SerialFormat } from "../../../src/modbus/serial-format.ts";
import {
  answerLength,
  characterBits,
  characterTime,
  requestLength,
  t15,
  t35,
  wireTime,
} from "../../../src/modbus/wire-time.ts";

/** `19200 8E1` */
function format(text: string): SerialFormat {
  const [, rate, parity, stop] = /^(\d+) 8([NEO])([12])$/.exec(text) ?? [];
  const parities = { N: "none", E: "even", O: "odd" } as const;
  return { baudRate: Number(rate), parity: parities[parity as keyof typeof parities], stopBits: stop === "2" ? 2 : 1 };
}

function assertNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 5e-5 * Math.max(1, expected), `${actual} instead of ${expected}`);
}

describe("a character on the wire", () => {
  const rows: readonly (readonly [string, bits: number, milliseconds: number])[] = [
    ["9600 8E1", 11, 1.1458],
    ["9600 8N2", 11, 1.1458],
    ["9600 8N1", 10, 1.0417],
    ["19200 8E1", 11, 0.5729],
    ["19200 8O1", 11, 0.5729],
    ["19200 8E2", 12, 0.625],
    ["115200 8N1", 10, 0.0868],
    ["1200 8E1", 11, 9.1667],
  ];
  for (const [text, bits, time] of rows) {
    it(`has ${bits} bits at ${text} and takes ${time} ms`, () => {
      assert.equal(characterBits(format(text)), bits);
      assertNear(characterTime(format(text)), time);
    });
  }
});

describe("the silent intervals (Modbus over Serial Line V1.02, 2.5.1.1)", () => {
  const rows: readonly (readonly [string, t15: number, t35: number])[] = [
    ["1200 8E1", 13.75, 32.0833],
    ["9600 8E1", 1.7188, 4.0104],
    // Counted in characters of eleven bits, whatever the format.
    ["9600 8N1", 1.7188, 4.0104],
    ["19200 8E1", 0.8594, 2.0052],
    // Fixed above 19,200: 750 us and 1.750 ms.
    ["28800 8E1", 0.75, 1.75],
    ["38400 8N1", 0.75, 1.75],
    ["115200 8N1", 0.75, 1.75],
    ["921600 8N1", 0.75, 1.75],
  ];
  for (const [text, inside, between] of rows) {
    it(`are ${inside} ms and ${between} ms at ${text}`, () => {
      assertNear(t15(format(text)), inside);
      assertNear(t35(format(text)), between);
    });
  }
});

describe("a frame", () => {
  const bits = Array<boolean>(9).fill(true);
  const rows: readonly (readonly [Request, question: number, answer: number])[] = [
    [{ fc: 1, address: 0, quantity: 16 }, 8, 7],
    [{ fc: 2, address: 0, quantity: 17 }, 8, 8],
    [{ fc: 3, address: 0, quantity: 10 }, 8, 25],
    [{ fc: 4, address: 0, quantity: 125 }, 8, 255],
    [{ fc: 5, address: 0, value: true }, 8, 8],
    [{ fc: 6, address: 0, value: 1 }, 8, 8],
    [{ fc: 15, address: 0, values: bits }, 11, 8],
    [{ fc: 16, address: 0, values: [1, 2] }, 13, 8],
    [{ fc: 17 }, 4, 256],
    [{ fc: 22, address: 0, and: 0, or: 1 }, 10, 10],
    [{ fc: 23, address: 0, quantity: 2, writeAddress: 0, values: [1] }, 15, 9],
    [{ fc: 43, category: 1, objectId: 0 }, 7, 256],
  ];
  for (const [request, question, answer] of rows) {
    it(`of function ${request.fc} has ${question} characters, its answer at most ${answer}`, () => {
      assert.deepEqual([requestLength(request), answerLength(request)], [question, answer]);
    });
  }
});

describe("the time of a transaction on the wire", () => {
  const TEN: Request = { fc: 3, address: 0, quantity: 10 };
  const rows: readonly (readonly [string, milliseconds: number])[] = [
    ["9600 8E1", 37.8],
    ["19200 8E1", 18.9],
    ["115200 8E1", 3.2],
  ];
  for (const [text, characters] of rows) {
    it(`is ${characters} ms for ten registers at ${text}, and a silence behind each frame`, () => {
      const silences = 2 * t35(format(text));
      assert.equal(Math.round((wireTime(TEN, format(text)) - silences) * 10) / 10, characters);
    });
  }

  it("grows with the registers, and never with the rate", () => {
    const formats = fc.record({
      parity: fc.constantFrom(...PARITIES),
      stopBits: fc.constantFrom(1 as const, 2 as const),
    });
    const rates = fc.uniqueArray(fc.constantFrom(...BAUD_RATES), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(formats, rates, fc.integer({ min: 1, max: 124 }), (rest, [one = 0, other = 0], quantity) => {
        const [slow, fast] = [Math.min(one, other), Math.max(one, other)].map((baudRate) => ({ baudRate, ...rest }));
        assert.ok(slow && fast);
        const read = (count: number): Request => ({ fc: 3, address: 0, quantity: count });
        assert.ok(wireTime(read(quantity + 1), slow) > wireTime(read(quantity), slow));
        assert.ok(wireTime(read(quantity), fast) <= wireTime(read(quantity), slow));
      }),
    );
  });
});
