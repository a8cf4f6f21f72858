import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { bench, type Bench } from "../../../../src/scan/program/bench.ts";
import { type PoolOfPrograms, program } from "../../../../src/scan/program/program.ts";

interface Io {
  readonly infeed: { exitEye: boolean; run: boolean };
}

type Pools = Readonly<Record<string, PoolOfPrograms>>;

/** A program that does `what` whenever a box stands at the photo-eye. */
function atTheEye(what: (pickers: PoolOfPrograms, pools: Pools, io: Io) => void): Bench {
  return bench(
    program<Io>(({ io, pools }) => {
      const { pickers } = pools;
      if (io.infeed.exitEye && pickers) what(pickers, pools, io);
    }),
    { inputs: { infeed: { exitEye: false } }, outputs: { infeed: { run: false } }, pools: ["pickers"] },
  );
}

function withBox(what: Parameters<typeof atTheEye>[0]): Bench {
  const table = atTheEye(what);
  table.step();
  table.set({ infeed: { exitEye: true } });
  table.step();
  return table;
}

describe("a program that orders jobs", () => {
  it("orders with numbers as parameters and texts as labels, under an id of its own or one that is made", () => {
    const ids: string[] = [];
    const table = withBox((pickers) => {
      ids.push(pickers.submit("move", { x: 300, from: "infeed" }, { priority: 7, deadline: "30s" }));
      ids.push(pickers.submit("carry", {}, { id: "box-17" }));
    });
    const [made = "", given] = ids;
    assert.match(made, /^program-[a-z0-9]+-1$/);
    assert.equal(given, "box-17");
    const queued = { pool: "pickers", state: "queued" };
    assert.deepEqual(table.jobs, [
      { ...queued, id: made, job: "move", parameters: { x: 300 }, labels: { from: "infeed" }, priority: 7, number: 1 },
      { ...queued, id: "box-17", job: "carry", parameters: {}, labels: {}, priority: 5, number: 2 },
    ]);
  });

  it("orders nothing in a cycle that does not count", () => {
    const blind = withBox((pickers, _, io) => {
      pickers.submit("carry", {}, { id: "a" });
      assert.equal(io.infeed.run, false);
    });
    assert.deepEqual(
      blind.jobs.map(({ id }) => id),
      ["a"],
    );
    const lost = atTheEye((pickers, _, io) => {
      pickers.submit("carry", {}, { id: "a" });
      assert.equal(io.infeed.run, false);
    });
    lost.step();
    lost.lose("infeed.run");
    lost.set({ infeed: { exitEye: true } });
    lost.step("100ms");
    assert.deepEqual(lost.jobs, []);
    lost.set({ infeed: { run: false } });
    lost.step();
    assert.equal(lost.jobs.length, 1);
    const wrong = withBox((pickers) => {
      pickers.submit("carry");
      throw new Error("a mistake");
    });
    assert.deepEqual([wrong.jobs, wrong.state], [[], "stopped"]);
  });

  it("sees where its job stands from the next cycle on", () => {
    const seen: (string | undefined)[] = [];
    const table = withBox((pickers) => {
      pickers.submit("carry", {}, { id: "box-17" });
      seen.push(pickers.job("box-17")?.state);
    });
    table.step();
    table.setJob("box-17", "running");
    table.step();
    assert.deepEqual(seen, [undefined, "queued", "running"]);
    assert.equal(table.jobs.length, 1, "the same id is the same job");
  });

  const mistakes: readonly (readonly [what: string, Parameters<typeof atTheEye>[0], RegExp])[] = [
    [
      "a pool that does not exist",
      (_, pools) => void pools["picker"]?.submit("carry"),
      /unknown pool "picker"; did you mean "pickers"/,
    ],
    ["an id that is no level of a topic", (pickers) => pickers.submit("carry", {}, { id: "a/b" }), /job id "a\/b"/],
    ["a deadline that is no time", (pickers) => pickers.submit("carry", {}, { deadline: "soon" }), /"soon" is no time/],
    [
      "what is neither number nor text",
      (pickers) => pickers.submit("carry", { x: NaN }),
      /x is neither a number nor a text/,
    ],
    [
      "a flood of jobs",
      (pickers) => {
        for (let job = 0; job < 17; job++) pickers.submit("carry");
      },
      /more than 16 jobs in one cycle/,
    ],
  ];
  for (const [what, body, reason] of mistakes) {
    it(`is stopped by ${what}`, () => {
      const table = withBox(body);
      assert.equal(table.state, "stopped");
      assert.match(table.reason ?? "", reason);
      assert.deepEqual(table.jobs, []);
    });
  }

  it("is stopped by a job that the devices of its plant cannot do", () => {
    const plant = fileURLToPath(new URL("../../../../config/demo/plant.yaml", import.meta.url));
    const orders: readonly (readonly [string, Record<string, number>, RegExp])[] = [
      ["cary", {}, /unknown job "cary"; did you mean "carry"/],
      ["move", { x: 1, y: 2 }, /parameter "z" is missing/],
      ["carry", { x: 1 }, /carry has no parameter "x"/],
    ];
    for (const [job, about, reason] of orders) {
      const table = bench(
        program(({ pools }) => void pools["pickers"]?.submit(job, about)),
        { plant },
      );
      table.step();
      assert.match(table.reason ?? "", reason);
    }
  });
});
