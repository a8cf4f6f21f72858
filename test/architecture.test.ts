import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import {
  accessViolations,
  closureViolations,
  folderRingViolations,
  layerViolations,
  ownerViolations,
  readSources,
  ringViolations,
  simulatorViolations,
  type Sources,
} from "./support/repository/architecture.ts";

/** What the two threads are built from, and what loading them must never load. */
const ROOTS = [
  { root: "src/app/office/office.ts", never: ["src/bus/", "modbus-serial", "serialport"] },
  {
    root: "src/app/scan/scan-side.ts",
    never: ["mqtt", "classic-level", "hono", "aedes", "winston", "src/mqtt/", "src/store/", "src/http/"],
  },
];

const root = new URL("../", import.meta.url);

describe("architecture", () => {
  const sources = readSources(
    ["src", "simulators"].flatMap((folder) =>
      readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .map((name) => posix.join(folder, name))
        .map((path) => [path, readFileSync(new URL(path, root), "utf8")] as const),
    ),
  );

  it("imports run downwards through the layers", () => assertKept(layerViolations(sources)));
  it("has no import rings, type imports included", () => assertKept(ringViolations(sources)));
  it("has no rings of folders either", () => assertKept(folderRingViolations(sources)));
  it("keeps packages with their owners", () => assertKept(ownerViolations(sources)));
  it("keeps the simulators apart from the master", () => assertKept(simulatorViolations(sources)));
  it("keeps clocks, chance, the process and files in their places", () => assertKept(accessViolations(sources)));

  for (const { root, never } of ROOTS) {
    it(`${root} loads nothing of ${never.join(", ")}`, () => assertKept(closureViolations(sources, root, never)));
  }
});

describe("the architecture rules themselves", () => {
  const cases: readonly [title: string, check: (sources: Sources) => string[], files: object, expected: string[]][] = [
    [
      "an import upwards",
      layerViolations,
      { "src/scan/a.ts": `\nimport { b } from "../mqtt/b.ts";` },
      ["src/scan/a.ts:2 layers: scan (5) must not import mqtt (8): src/mqtt/b.ts"],
    ],
    [
      "an import of an equal, though only of a type",
      layerViolations,
      { "src/plan/a.ts": `import type { B } from "../bus/b.ts";` },
      ["src/plan/a.ts:1 layers: plan (4) must not import bus (4): src/bus/b.ts"],
    ],
    [
      "an import upwards inside a type",
      layerViolations,
      { "src/kit/a.ts": `export type A = import("../modbus/b.ts").B;` },
      ["src/kit/a.ts:1 layers: kit (0) must not import modbus (1): src/modbus/b.ts"],
    ],
    [
      "a folder nobody gave a layer",
      layerViolations,
      { "src/app/a.ts": `import "../extra/b.ts";` },
      ["src/app/a.ts:1 layers: src/extra has no layer"],
    ],
    [
      "downwards and within the folder: nothing",
      layerViolations,
      { "src/scan/a.ts": `import "./b.ts"; import "../kit/c.ts"; import "node:net"; export * from "../bus/d.ts";` },
      [],
    ],
    [
      "a ring of three, one step a type",
      ringViolations,
      {
        "src/kit/a.ts": `import "./b.ts";`,
        "src/kit/b.ts": `\n\nimport type { C } from "./c.ts";`,
        "src/kit/c.ts": `export { a } from "./a.ts";`,
      },
      ["src/kit/a.ts:1 -> src/kit/b.ts:3 -> src/kit/c.ts:1 rings: imports itself"],
    ],
    [
      "two folders that need each other through different files",
      folderRingViolations,
      {
        "src/kit/a/x.ts": `import "../b/y.ts";`,
        "src/kit/a/z.ts": "",
        "src/kit/b/y.ts": "",
        "src/kit/b/u.ts": `\nimport type { Z } from "../a/z.ts";`,
      },
      ["src/kit/a/x.ts:1 -> src/kit/b/u.ts:2 folders: a ring"],
    ],
    [
      "a folder that needs its own subfolder, and that one a third: nothing",
      folderRingViolations,
      { "src/kit/a.ts": `import "./b/c.ts";`, "src/kit/b/c.ts": `import "../d/e.ts";`, "src/kit/d/e.ts": "" },
      [],
    ],
    [
      "two ways to one file: nothing",
      ringViolations,
      { "src/kit/a.ts": `import "./b.ts"; import "./c.ts";`, "src/kit/b.ts": `import "./c.ts";`, "src/kit/c.ts": "" },
      [],
    ],
    [
      "a package of somebody else, its types and its inner files too",
      ownerViolations,
      {
        "src/scan/a.ts": `import type { M } from "mqtt";\nimport "modbus-serial/ModbusRTU.js";\nawait import("winston");`,
        "src/app/b.ts": `import type {} from "@types/convict";`,
        "simulators/c.ts": `import ModbusRTU from "modbus-serial";`,
      },
      [
        "src/scan/a.ts:1 owners: mqtt belongs to mqtt",
        "src/scan/a.ts:2 owners: modbus-serial belongs to bus",
        "src/scan/a.ts:3 owners: winston belongs to app",
        "src/app/b.ts:1 owners: @types/convict belongs to config, device",
        "simulators/c.ts:1 owners: modbus-serial belongs to bus",
      ],
    ],
    [
      "a package with its owner, one without: nothing",
      ownerViolations,
      { "src/config/a.ts": `import { z } from "zod"; import "fastest-levenshtein"; import "node:net";` },
      [],
    ],
    [
      "simulators and master that know each other",
      simulatorViolations,
      {
        "src/scan/a.ts": `import "../../simulators/b.ts";`,
        "simulators/b.ts": `import "../src/device/c.ts";\nimport type { D } from "../src/modbus/d.ts";`,
      },
      [
        "src/scan/a.ts:1 simulators: only src/app imports simulators: simulators/b.ts",
        "simulators/b.ts:1 simulators: simulators take src/kit and types of src/device, not src/device/c.ts",
        "simulators/b.ts:2 simulators: simulators take src/kit and types of src/device, not src/modbus/d.ts",
      ],
    ],
    [
      "simulators with kit and types of devices, in the app: nothing",
      simulatorViolations,
      {
        "src/app/a.ts": `import "../../simulators/b.ts";`,
        "simulators/b.ts": `import "../src/kit/c.ts"; import type { D } from "../src/device/d.ts"; import "./e.ts";`,
      },
      [],
    ],
    [
      "a `type` inside the braces, which loads the file all the same",
      simulatorViolations,
      { "simulators/b.ts": `import { type D } from "../src/device/d.ts";` },
      ["simulators/b.ts:1 simulators: simulators take src/kit and types of src/device, not src/device/d.ts"],
    ],
    [
      "clocks, chance, process and files where they do not belong",
      accessViolations,
      {
        "src/scan/a.ts": [
          `import { readFileSync } from "node:fs";`,
          `import "fs/promises"; import "node:timers/promises"; import { hrtime } from "node:process";`,
          `setTimeout(f, 1); globalThis.setInterval(f, 1);`,
          `const now = [Date.now(), performance.now(), new Date(), Math.random()];`,
          `const later = { setTimeout };`,
          `export const env = process.env;`,
        ].join("\n"),
        "simulators/b.ts": `run(process.exit);`,
      },
      [
        "src/scan/a.ts:1 access: node:fs belongs to bus, config, store, app",
        "src/scan/a.ts:2 access: fs/promises belongs to bus, config, store, app",
        "src/scan/a.ts:2 access: node:timers/promises belongs to kit",
        "src/scan/a.ts:2 access: node:process belongs to app, kit",
        "src/scan/a.ts:3 access: setTimeout belongs to kit",
        "src/scan/a.ts:3 access: setInterval belongs to kit",
        "src/scan/a.ts:4 access: Date.now belongs to kit",
        "src/scan/a.ts:4 access: performance belongs to kit",
        "src/scan/a.ts:4 access: new Date belongs to kit",
        "src/scan/a.ts:4 access: Math.random belongs to kit",
        "src/scan/a.ts:5 access: setTimeout belongs to kit",
        "src/scan/a.ts:6 access: process belongs to app",
        "simulators/b.ts:1 access: process belongs to app",
      ],
    ],
    [
      "the same names as properties, methods, types and comments: nothing",
      accessViolations,
      {
        "src/scan/a.ts": [
          `// setTimeout(f, 1)`,
          `class A { process(): void {} performance = 1; }`,
          `interface B { process: number; setTimeout(): void }`,
          `socket.setTimeout(5); a.process.b(); const c = { process: 1 }; new Date(5);`,
        ].join("\n"),
        "src/kit/b.ts": `import "node:perf_hooks"; setTimeout(f, Date.now());`,
        "src/app/c.ts": `import "node:fs"; process.exit();`,
      },
      [],
    ],
    [
      "a closure that reaches what it must not, with the way there",
      (sources) => closureViolations(sources, "src/app/office.ts", ["src/bus/", "serialport"]),
      {
        "src/app/office.ts": `import "../link/a.ts";`,
        "src/link/a.ts": `\nimport "../bus/b.ts";\nimport { SerialPort } from "serialport";`,
        "src/bus/b.ts": "",
      },
      [
        "src/app/office.ts:1 -> src/link/a.ts:2 closure: src/app/office.ts must not load src/bus/b.ts",
        "src/app/office.ts:1 -> src/link/a.ts:3 closure: src/app/office.ts must not load serialport",
      ],
    ],
    [
      "a closure whose root is gone",
      (sources) => closureViolations(sources, "src/app/office.ts", []),
      {},
      ["src/app/office.ts:1 closure: there is no such file"],
    ],
    [
      "a closure that knows the types only: nothing",
      (sources) => closureViolations(sources, "src/app/office.ts", ["src/bus/"]),
      { "src/app/office.ts": `import type { Line } from "../bus/line.ts"; export type * from "../bus/b.ts";` },
      [],
    ],
  ];
  for (const [title, check, files, expected] of cases) {
    it(`see ${title}`, () => {
      assert.deepEqual(check(readSources(Object.entries(files) as [string, string][])), expected);
    });
  }
});

function assertKept(violations: readonly string[]): void {
  assert.equal(violations.length, 0, `\n${violations.join("\n")}`);
}
