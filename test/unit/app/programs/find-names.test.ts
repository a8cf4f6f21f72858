import assert from "node:assert/strict";
import { findNames, findPools } from "../../../../src/app/programs/find-names.ts";

describe("the tags that a program names", () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ["a reading", "if (io.infeed.exitEye) f();", ["read infeed.exitEye 1:5"]],
    ["an assignment", "\n  io.infeed.run = false;", ["write infeed.run 2:3"]],
    ["a comparison", "io.a.b == 1; io.a.b === 1; io.a.b => 1", ["read a.b 1:1", "read a.b 1:14", "read a.b 1:28"]],
    [
      "a changing assignment",
      "io.a.b += 1; io.a.c ||= d; io.a.e++",
      ["write a.b 1:1", "write a.c 1:14", "write a.e 1:28"],
    ],
    ["brackets", `io["belt-1"].run = io["belt-1"]['exit-eye']`, ["write belt-1.run 1:1", "read belt-1.exit-eye 1:20"]],
    ["a device by itself", "const { run } = io.infeed;", ["read infeed 1:17"]],
    ["a peek", `io.peek("infeed.exitEye").value`, ["peek infeed.exitEye 1:1"]],
    ["a peek at what is put together later", "io.peek(name)", []],
    ["several lines", "io\n  .infeed\n  .run = true", ["write infeed.run 1:1"]],
    ["comments", "// io.a.b\n/* io.a.b\n */ io.c.d", ["read c.d 3:5"]],
    ["texts", 'log.info(\'io.a.b\', "io.a.b", `io.a.b ${io.a.b}`, ["io.a.b"])', []],
    ["other things called so", "context.io.a.b; audio.a.b; io2.a.b; $io.a.b; io(a.b)", []],
    ["types and parameters", "({ io }: { io: Io }) => io", []],
    ["a name that is put together later", "io[device].run = true", []],
  ];
  for (const [title, text, expected] of cases) {
    it(`are found: ${title}`, () => {
      const found = findNames(text).map(
        ({ use, device, tag, line, column }) =>
          `${use} ${device}${tag === undefined ? "" : `.${tag}`} ${line}:${column}`,
      );
      assert.deepEqual(found, expected);
    });
  }
});

describe("the pools that a program names", () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ["an order", `const id = pools.pickers.submit("carry", {});`, ["pickers carry 1:12"]],
    ["brackets, and an order over two lines", `pools["arms-1"]\n  .submit(\n"move")`, ["arms-1 move 1:1"]],
    ["a look", "\n  pools.pickers.job(id)", ["pickers undefined 2:3"]],
    ["a job that is known later", "pools.pickers.submit(name)", ["pickers undefined 1:1"]],
    ["comments, texts and other things", "// pools.a\n'pools.a'; plant.pools.a; carpools.a; ({ pools }) => 1", []],
    ["a name that is put together later", "pools[name].submit('carry')", []],
  ];
  for (const [title, text, expected] of cases) {
    it(`are found: ${title}`, () => {
      const found = findPools(text).map(({ pool, job, line, column }) => `${pool} ${job} ${line}:${column}`);
      assert.deepEqual(found, expected);
    });
  }
});
