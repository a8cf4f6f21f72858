import assert from "node:assert/strict";
import fc from "fast-check";
import { ms } from "../../../../src/kit/time.ts";
import {
  CTD,
  CTU,
  CTUD,
  F_TRIG,
  HYSTERESIS,
  PID,
  R_TRIG,
  RAMP,
  RS,
  SR,
  TOF,
  TON,
  TP,
} from "../../../../src/scan/program/blocks.ts";
import { ProgramMemory } from "../../../../src/scan/program/memory.ts";

/** One column of a diagram is one cycle of 10 ms. */
const CYCLE = ms(10);

/** Calls `look` once a cycle, as a program does. */
function cycles<T>(count: number, look: (cycle: number) => T): readonly T[] {
  const memory = new ProgramMemory();
  return Array.from({ length: count }, (_, cycle) => {
    const seen = memory.cycle(CYCLE, () => look(cycle));
    memory.settle(true);
    return seen;
  });
}

const levels = (line: string): readonly boolean[] => Array.from(line, (column) => column === "#");
const drawn = (values: readonly boolean[]): string => values.map((value) => (value ? "#" : "_")).join("");

/** What a block with one input draws below its input. */
function draw(block: (input: boolean) => boolean, input: string): string {
  const IN = levels(input);
  return drawn(cycles(IN.length, (cycle) => block(IN[cycle] === true)));
}

describe("the blocks of IEC 61131-3 with one input", () => {
  const diagrams: readonly (readonly [string, () => (input: boolean) => boolean, string, string])[] = [
    ["R_TRIG sees each rising edge once", R_TRIG, "__###__#_#", "__#____#_#"],
    ["R_TRIG: what is there at the first look is not new", R_TRIG, "###__##", "_____#_"],
    ["F_TRIG sees each falling edge once", F_TRIG, "_###__#_#_", "____#__#_#"],
    ["F_TRIG: what is gone at the first look has not fallen", F_TRIG, "___#__", "____#_"],
    ["TON waits for PT", () => TON("30ms"), "_#######_", "____####_"],
    ["TON begins anew when its input falls too soon", () => TON("30ms"), "_###_###__####_", "_____________#_"],
    ["TON times from the first look on", () => TON("30ms"), "#####_", "___##_"],
    ["TON of no time follows its input", () => TON(0), "_##_#", "_##_#"],
    ["TOF holds for PT", () => TOF("30ms"), "_##_____", "_#####__"],
    ["TOF holds on when its input returns in time", () => TOF("30ms"), "_#__##_____", "_########__"],
    ["TOF does not begin with what is gone at the first look", () => TOF("30ms"), "____#____", "____####_"],
    ["TP gives PT, however long its input lasts", () => TP("30ms"), "_########_", "_###______"],
    ["TP gives PT, however short its input is", () => TP("30ms"), "_#________", "_###______"],
    ["TP does not begin again while it runs", () => TP("40ms"), "_#_#_____", "_####____"],
    ["TP begins again at the next edge after its end", () => TP("20ms"), "_#__#_____", "_##_##____"],
    ["TP begins again at an edge in the very cycle of its end", () => TP("20ms"), "_#_#______", "_####_____"],
    ["TP takes what is there at the first look for no edge", () => TP("20ms"), "###__#___", "_____##__"],
  ];
  for (const [title, make, input, output] of diagrams) {
    it(title, () => {
      const block = make();
      assert.equal(`${input}\n${draw(block, input)}`, `${input}\n${output}`);
    });
  }

  it("show the elapsed time, up to PT", () => {
    const elapsed = (block: ReturnType<typeof TON>, input: string): readonly number[] => {
      const IN = levels(input);
      return cycles(IN.length, (cycle) => {
        block(IN[cycle] === true);
        return block.ET;
      });
    };
    assert.deepEqual(elapsed(TON("20ms"), "_####_"), [0, 0, 10, 20, 20, 0]);
    assert.deepEqual(elapsed(TOF("20ms"), "_#____#"), [0, 0, 0, 10, 20, 20, 0]);
    assert.deepEqual(elapsed(TP("20ms"), "_####__"), [0, 0, 10, 20, 20, 0, 0]);
    assert.deepEqual(elapsed(TP("20ms"), "_#____"), [0, 0, 10, 0, 0, 0]);
  });

  it("take another time with a call", () => {
    const timer = TON("1s");
    assert.deepEqual(
      cycles(4, (cycle) => timer(true, cycle < 2 ? "10ms" : 40)),
      [false, true, false, false],
    );
  });
});

describe("counters", () => {
  it("CTU counts rising edges up to and past PV, and R wins", () => {
    const count = CTU(2);
    const CU = levels("#_#_#_#__#");
    const R = levels("_______#__");
    const seen = cycles(CU.length, (cycle) => {
      const Q = count(CU[cycle] === true, R[cycle]);
      return `${count.CV}${Q ? "!" : ""}`;
    });
    assert.deepEqual(seen, ["0", "0", "1", "1", "2!", "2!", "3!", "0", "0", "1"]);
  });

  it("CTD counts down from where LD puts it", () => {
    const count = CTD(2);
    const CD = levels("_#_#_#_");
    const LD = levels("#______");
    const seen = cycles(CD.length, (cycle) => {
      const Q = count(CD[cycle] === true, LD[cycle]);
      return `${count.CV}${Q ? "!" : ""}`;
    });
    assert.deepEqual(seen, ["2", "1", "1", "0!", "0!", "-1!", "-1!"]);
  });

  it("CTUD counts both ways, nothing for both edges at once; R wins over LD", () => {
    const count = CTUD(2);
    const calls = [{}, { CU: true }, {}, { CU: true, CD: true }, {}, { CD: true }, { LD: true }, { R: true, LD: true }];
    const seen = cycles(calls.length, (cycle) => {
      const { CV, QU, QD } = count(calls[cycle] ?? {});
      return `${CV}${QU ? "U" : ""}${QD ? "D" : ""}`;
    });
    assert.deepEqual(seen, ["0D", "1", "1", "1", "1", "0D", "2U", "0D"]);
  });

  it("count as many edges as there are", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1 }), (inputs) => {
        const count = CTU(5);
        const edges = inputs.filter((input, at) => at > 0 && input && inputs[at - 1] === false).length;
        const last = cycles(inputs.length, (cycle) => [count(inputs[cycle] === true), count.CV] as const).at(-1);
        assert.deepEqual(last, [edges >= 5, edges]);
      }),
    );
  });
});

describe("bistables", () => {
  it("SR lets set win, RS reset", () => {
    const inputs = { set: levels("_#__#__#"), reset: levels("___#__##") };
    const drawOf = (block: ReturnType<typeof SR>): string =>
      drawn(cycles(8, (cycle) => block(inputs.set[cycle] === true, inputs.reset[cycle] === true)));
    assert.deepEqual([drawOf(SR()), drawOf(RS())], ["_##_##_#", "_##_##__"]);
  });
});

describe("analogue blocks", () => {
  it("HYSTERESIS holds between its limits", () => {
    const above = HYSTERESIS(2);
    const values = [8, 11, 12, 12.1, 9, 8, 7.9, 10];
    assert.equal(drawn(cycles(values.length, (cycle) => above(values[cycle] ?? 0, 10))), "___###__");
  });

  it("RAMP goes straight to its end within TR, and back at once", () => {
    const ramp = RAMP("40ms");
    const RUN = levels("_######_#");
    const seen = cycles(RUN.length, (cycle) => {
      const value = ramp(RUN[cycle] === true, 10, 50);
      return `${value}${ramp.BUSY ? " busy" : ""}`;
    });
    assert.deepEqual(seen, ["10", "20 busy", "30 busy", "40 busy", "50", "50", "50", "10", "20 busy"]);
  });

  it("PID: the proportional part follows the error, the integral adds it up, limits hold both", () => {
    const pid = PID({ KP: 2, TR: "20ms", MIN: 0, MAX: 10 });
    const PV = [8, 8, 8, 8, 10, 10, 12];
    assert.deepEqual(
      cycles(PV.length, (cycle) => pid({ SP: 10, PV: PV[cycle] ?? 0 })),
      [4, 6, 8, 10, 6, 6, 0],
    );
  });

  it("PID: the derivative brakes, and a step of the set point does not kick", () => {
    const pid = PID({ KP: 1, TD: "10ms" });
    const SP = [0, 0, 5, 5];
    const PV = [0, 3, 3, 3];
    assert.deepEqual(
      cycles(4, (cycle) => pid({ SP: SP[cycle] ?? 0, PV: PV[cycle] ?? 0 })),
      [0, -6, 2, 2],
    );
  });

  it("PID: from manual to automatic without a bump", () => {
    const pid = PID({ KP: 3, TR: "1h" });
    const seen = cycles(4, (cycle) => Math.round(pid({ AUTO: cycle > 1, X0: 42, SP: 10, PV: 7 }) * 10) / 10);
    assert.deepEqual(seen, [42, 42, 42, 42]);
  });

  it("PID never leaves its limits, and does not wind up: it comes back at once", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 50 }), (values) => {
        const pid = PID({ KP: 1, TR: "10ms", MIN: -20, MAX: 20 });
        const wound = cycles(values.length + 2, (cycle) =>
          pid({ SP: 0, PV: values[cycle] ?? (cycle > values.length ? 21 : 0) }),
        );
        assert.ok(wound.every((value) => value >= -20 && value <= 20));
      }),
    );
    const pid = PID({ KP: 1, TR: "10ms", MIN: 0, MAX: 20 });
    const seen = cycles(102, (cycle) => pid({ SP: 0, PV: cycle < 100 ? -50 : 30 }));
    assert.deepEqual(seen.slice(-3), [20, 0, 0]);
  });
});

describe("any block", () => {
  /** One of each with an input, by what it answers to it. */
  const blocks: readonly (readonly [string, () => (input: boolean) => unknown])[] = [
    ["R_TRIG", R_TRIG],
    ["F_TRIG", F_TRIG],
    ["TON", () => TON("30ms")],
    ["TOF", () => TOF("30ms")],
    ["TP", () => TP("30ms")],
    ["CTU", () => CTU(2)],
    ["CTD", () => CTD(2)],
    [
      "CTUD",
      () => {
        const count = CTUD(2);
        return (input) => count({ CU: input });
      },
    ],
    [
      "SR",
      () => {
        const latch = SR();
        return (input) => latch(input, !input);
      },
    ],
    [
      "RAMP",
      () => {
        const ramp = RAMP("50ms");
        return (input) => ramp(input, 0, 100);
      },
    ],
    [
      "PID",
      () => {
        const pid = PID({ KP: 1, TR: "1s", TD: "20ms" });
        return (input) => pid({ SP: 5, PV: Number(input) });
      },
    ],
    [
      "HYSTERESIS",
      () => {
        const above = HYSTERESIS(1);
        return (input) => above(Number(input) * 5, 2);
      },
    ],
  ];
  for (const [name, make] of blocks) {
    it(`${name} knows nothing of a cycle that does not count, nor of the time it took`, () => {
      fc.assert(
        fc.property(fc.array(fc.record({ input: fc.boolean(), counts: fc.boolean() })), (looks) => {
          const block = make();
          const memory = new ProgramMemory();
          const seen = looks.flatMap(({ input, counts }) => {
            const output = memory.cycle(CYCLE, () => block(input));
            memory.settle(counts);
            return counts ? [output] : [];
          });
          const counted = looks.filter(({ counts }) => counts);
          const other = make();
          assert.deepEqual(
            seen,
            cycles(counted.length, (cycle) => other(counted[cycle]?.input === true)),
          );
        }),
      );
    });
  }

  it("remembers apart for every program that calls it", () => {
    const count = CTU(1);
    const [one, other] = [new ProgramMemory(), new ProgramMemory()];
    const look = (memory: ProgramMemory, input: boolean): number => {
      const CV = memory.cycle(CYCLE, () => (count(input), count.CV));
      memory.settle(true);
      return CV;
    };
    assert.deepEqual([look(one, false), look(one, true), look(other, true), look(one, true)], [0, 1, 0, 1]);
  });

  it("is made once, and called in a program only", () => {
    const settle = TON("1s");
    assert.throws(() => settle(true), /TON belongs into a program's function/);
    assert.throws(() => cycles(1, () => R_TRIG()), /R_TRIG\(\) is made in every cycle anew/);
    assert.throws(() => TON("soon"), /TON: PT: soon is no time; write "150ms" or "2s"/);
    assert.throws(() => TON(Number.NaN), /is no time/);
  });
});
