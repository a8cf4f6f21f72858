import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { plan, type PlanOptions } from "../../../src/app/commands/plan.ts";

const DEMO = fileURLToPath(new URL("../../../config/demo/plant.yaml", import.meta.url));

function planned(file: string, options: Partial<PlanOptions>): { readonly code: number; readonly text: string } {
  const texts: string[] = [];
  const code = plan(file, { json: false, ...options }, (text) => texts.push(text));
  return { code, text: texts.join("\n") };
}

describe("takt plan", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "takt-plan-"))));
  after(() => rmSync(folder, { recursive: true }));

  it("draws the demo plant's frames, proves its serial line and budgets its TCP lines", () => {
    const { code, text } = planned(DEMO, {});
    assert.equal(code, 0);
    assert.match(text, /^line cell {3}TCP 127\.0\.0\.1:15020, window 4, frame 20ms$/m);
    assert.match(text, /^ {2}frame 0, .*\|infee\|outfe\|.*\|writes ···\| +\d+(\.\d)? of 20 ms$/m);
    assert.match(text, /^ {2}budgeted for a round trip of 1 ms: fullest frame \d+(\.\d)? of 20 ms, /m);
    assert.match(text, /^ {2}with one device dead the others are done after \d+(\.\d)? ms at the latest/m);
    assert.match(text, /^ {2}proved: fullest frame 178 of 200 ms, writes of 57\.8 ms included; head room 11 %$/m);
    assert.match(text, /^plant sorting-cell holds its cycle of 20ms\.$/m);
  });

  it("says that a profile is none of its business, and whose", () => {
    const { code, text } = planned(fileURLToPath(new URL("../../../devices/danfoss/vlt.yaml", import.meta.url)), {});
    assert.equal(code, 2);
    assert.match(
      text,
      /^devices\/danfoss\/vlt\.yaml:1:1 {2}this is a profile, not a plant; takt check reads it by itself\n1 problem/,
    );
  });

  it("tells programs every frame, every block, and how old its values get", () => {
    const told = JSON.parse(planned(DEMO, { json: true }).text) as {
      readonly holds: boolean;
      readonly lines: readonly {
        readonly line: string;
        readonly basis: string;
        readonly frame: number;
        readonly frames: readonly { readonly blocks: readonly number[]; readonly healthy: number }[];
        readonly blocks: readonly { readonly device: string; readonly period: number; readonly age: number }[];
      }[];
      readonly reactions: readonly { readonly from: string; readonly to: string; readonly within: number }[];
    };
    assert.equal(told.holds, true);
    const drives = told.lines.find(({ line }) => line === "drives");
    assert.ok(drives);
    assert.deepEqual([drives.basis, drives.frame, drives.frames.length], ["proved", 200, 5]);
    for (const { blocks, healthy } of drives.frames) {
      assert.ok(blocks.every((index) => drives.blocks[index]) && healthy > 0);
    }
    assert.ok(drives.blocks.every(({ period, age }) => age > period));
    assert.equal(told.reactions.length, 16);
    assert.ok(told.reactions.every(({ within }) => within > 0));
  });

  it("writes a page that needs nothing from anywhere, with all names as text", () => {
    const html = join(folder, "plan.html");
    assert.deepEqual(planned(DEMO, { html }), { code: 0, text: `The page is in ${html}.` });
    const page = readFileSync(html, "utf8");
    assert.doesNotMatch(page, /https?:|<script|<link|src=|url\(|@import/);
    for (const text of ["sorting-cell", "infeed", "holding 50199", "prefers-color-scheme: dark", "head room 11 %"]) {
      assert.ok(page.includes(text), text);
    }
    assertBalanced(page);
  });

  it("says where it could not write the page, and ends with 2", () => {
    const { code, text } = planned(DEMO, { html: join(folder, "nowhere/plan.html") });
    assert.equal(code, 2);
    assert.match(text, /^\S+nowhere\/plan\.html cannot be written: ENOENT/);
  });

  it("shows what is wrong on the page, too", () => {
    const html = join(folder, "broken.html");
    const file = join(folder, "plant.yaml");
    const belt = "{ profile: takt/conveyor, line: belts, unit: 1 }";
    writeFileSync(file, `plant: "p"\nlines: { belts: { serial: { path: /dev/a } } }\ndevices: { belt: ${belt} }\n`);
    const { code, text } = planned(file, { html });
    assert.equal(code, 2);
    assert.match(text, /line belts: frame \d+ takes .* too much/);
    const page = readFileSync(html, "utf8");
    assert.match(page, /does not hold: belts[\s\S]*class="problems">line belts: frame/);
    assertBalanced(page);
  });

  it("names periods that do not divide, and the nearest that do", () => {
    const file = join(folder, "periods.yaml");
    const tags = "tags: { motorTemp: { class: odd }, travelled: { class: odd }, bootId: { class: odd } }";
    writeFileSync(
      file,
      `plant: p\nscan: { period: 20ms, classes: { fast: 100ms, odd: 260ms } }\nlines: { a: { tcp: { host: h } } }\ndevices: { belt: { profile: takt/conveyor, line: a, unit: 1, ${tags} } }\n`,
    );
    const { text } = planned(file, {});
    assert.match(
      text,
      /^ {2}hint: 260ms is no multiple of the shorter periods; with 200ms reads come at even distances$/m,
    );
  });
});

const EMPTY_TAGS = new Set(["meta", "hr"]);

/** Every element that begins ends, in order. */
function assertBalanced(page: string): void {
  const open: string[] = [];
  for (const [, end, name = ""] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
    if (EMPTY_TAGS.has(name)) continue;
    if (end === "") open.push(name);
    else assert.equal(open.pop(), name);
  }
  assert.deepEqual(open, []);
}
