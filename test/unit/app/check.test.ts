import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { check } from "../../../src/app/commands/check.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

function checked(name: string, json = false): { readonly code: number; readonly text: string } {
  const lines: string[] = [];
  const code = check(resolve(fixture("."), name), { json }, (text) => lines.push(text));
  return { code, text: lines.join("\n") };
}

describe("takt check", () => {
  it("ends with 0 and says what happens to every output when the master dies", () => {
    const { code, text } = checked("good-plants/everything.yaml");
    assert.equal(code, 0);
    assert.match(text, /^plant press-shop is in order: 2 lines, 32 devices, 320 tags\.$/m);
    assert.match(text, /^output +at +on an orderly stop +when the master dies$/m);
    assert.match(
      text,
      /^press\.mode +holding 4\.0-3 +off +by the slave's watchdog \(heartbeat alive every 500ms, acts/m,
    );
    assert.match(text, /^32 of 127 outputs NOT guaranteed to be safe when the master dies: .*$/m);
  });

  it("ends with 2 and the issues when there are any", () => {
    const { code, text } = checked("broken-plants/a-list.yaml");
    assert.equal(code, 2);
    assert.match(text, /a-list\.yaml:1:1 {2}expected a map .*\n1 problem\. Nothing was started\.$/);
  });

  it("says what a file is that is no plant", () => {
    const { code, text } = checked("../../package.json");
    assert.equal(code, 2);
    assert.match(text, /^package\.json:1:1 {2}this is no plant and no profile; one begins with plant:, the other with/);
  });

  it("tells programs the same in JSON", () => {
    const good: unknown = JSON.parse(checked("good-plants/everything.yaml", true).text);
    const bad: unknown = JSON.parse(checked("broken-plants/a-list.yaml", true).text);
    assert.ok(typeof good === "object" && good !== null && "outputs" in good && Array.isArray(good.outputs));
    assert.equal(good.outputs.length, 127);
    assert.deepEqual(good.outputs[0], {
      device: "press",
      tag: "mode",
      at: "holding 4.0-3",
      kind: "level",
      onStop: "off",
      onLoss: "by the slave's watchdog (heartbeat alive every 500ms, acts after 2s)",
      guaranteed: true,
      end: "watchdog",
    });
    assert.ok(typeof bad === "object" && bad !== null && "issues" in bad && Array.isArray(bad.issues));
    assert.equal(bad.issues.length, 1);
  });

  describe("of a plant that leaves nothing open", () => {
    let folder = "";
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "takt-check-"));
      mkdirSync(join(folder, "devices", "a"), { recursive: true });
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    const write = (profile: string): void => {
      writeFileSync(join(folder, "devices/a/b.yaml"), `profile: a/b\ntitle: t\n${profile}\n`);
      writeFileSync(
        join(folder, "plant.yaml"),
        "plant: p\nlines: { l: { tcp: { host: h } } }\ndevices: { d: { profile: a/b, line: l, unit: 1 } }\n",
      );
    };
    const told = (file: string): { readonly code: number; readonly text: string } => {
      const lines: string[] = [];
      const code = check(join(folder, file), { json: false }, (text) => lines.push(text));
      return { code, text: lines.join("\n") };
    };

    it("says by what, and how many of each", () => {
      write(`tags:
  alive: { at: coil 0, write: { kind: pulse } }
  run: { at: coil 1, write: { kind: level, safe: false } }
  valve: { at: coil 2, write: { kind: level, safe: hold } }
  lamp: { at: coil 3, write: { kind: level, safe: hold } }
  reset: { at: coil 4, write: { kind: pulse } }
heartbeat: { tag: alive, every: 1s, timeout: 3s, covers: [run] }`);
      const last = told("plant.yaml").text.split("\n").at(-1);
      const ends =
        "1 brought to rest by the slave's watchdog, 1 feeding a watchdog, 1 written only when asked for (pulse), 2 to be left as is (safe: hold)";
      assert.equal(last, `No output is left unsafe when the master dies: ${ends}.`);
    });

    it("does not speak of watchdogs where there is none", () => {
      write("tags: { valve: { at: coil 2, write: { kind: level, safe: hold } } }");
      const last = told("plant.yaml").text.split("\n").at(-1);
      assert.equal(last, "No output is left unsafe when the master dies: 1 to be left as is (safe: hold).");
    });

    it("notes addresses that look like classic numbers, and takes them as they stand", () => {
      write("tags: { a: { at: holding 40001 }, b: { at: holding 4 }, c: { at: input 65000 } }");
      const note =
        "note: profile a/b: tag a: holding 40001 is taken as it stands: addresses are zero-based; did you mean holding 0?";
      const profile = told("devices/a/b.yaml");
      assert.deepEqual(profile, { code: 0, text: `profile a/b is in order: 3 tags, 0 outputs.\n${note}` });
      const { code, text } = told("plant.yaml");
      assert.equal(code, 0);
      assert.deepEqual(
        text.split("\n").filter((line) => line.startsWith("note")),
        [note],
      );
      const tags = Array.from({ length: 9 }, (_, index) => `t${index}: { at: holding ${40_001 + index} }`);
      write(`tags: { ${tags.join(", ")} }`);
      assert.match(told("plant.yaml").text, /did you mean holding 4\?\nnote: profile a\/b: 4 more tags like these\n/);
      write("tags: { a: { at: holding 400001 } }");
      assert.match(told("plant.yaml").text, /outside 0\.\.65535; addresses are zero-based: 400001 counts from 1/);
    });

    it("does not doubt the addresses of profiles that come with takt", () => {
      const vlt = fileURLToPath(new URL("../../../devices/danfoss/vlt.yaml", import.meta.url));
      assert.doesNotMatch(checked(vlt).text, /note/);
      const plant = "plant: p\nlines: { l: { tcp: { host: h } } }\nscan: { period: 500ms }\n";
      writeFileSync(join(folder, "plant.yaml"), `${plant}devices: { d: { profile: danfoss/vlt, line: l, unit: 1 } }\n`);
      assert.doesNotMatch(told("plant.yaml").text, /note/);
      mkdirSync(join(folder, "devices/danfoss"));
      copyFileSync(vlt, join(folder, "devices/danfoss/vlt.yaml"));
      assert.match(told("plant.yaml").text, /note: profile danfoss\/vlt: tag command: holding 49999/);
    });

    it("checks a profile by itself", () => {
      write("tags: { valve: { at: coil 2, class: any, write: { kind: level, safe: hold } }, x: { at: input 0 } }");
      assert.deepEqual(told("devices/a/b.yaml"), { code: 0, text: "profile a/b is in order: 2 tags, 1 output." });
      write("tags: { valve: { at: coil 2, type: int16 } }");
      const { code, text } = told("devices/a/b.yaml");
      assert.equal(code, 2);
      assert.match(text, /b\.yaml:3:36 {2}tag valve: a coil holds a bool, not an int16\n1 problem/);
    });
  });
});
