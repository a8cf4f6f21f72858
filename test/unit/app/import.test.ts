import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importTags } from "../../../src/app/commands/import.ts";
import { EXIT } from "../../../src/app/process/exit-code.ts";
import { recordingTerminal } from "../../support/processes/recording-terminal.ts";

describe("takt import", () => {
  let folder: string;
  let list: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "takt-import-"));
    list = join(folder, "tags.csv");
    writeFileSync(list, "name,address,type\nSpeed,40001,uint16\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const options = { profile: "acme/em24", base: "1", force: false };

  it("prints the profile, and what is no profile elsewhere", () => {
    const terminal = recordingTerminal();
    assert.equal(importTags(list, options, terminal), EXIT.done);
    assert.match(terminal.output, /^profile: acme\/em24$[^]*at: holding 0$/m);
    assert.equal(terminal.errors, "1 tag\n");
  });

  it("writes a file, and replaces none unasked", () => {
    const out = join(folder, "devices", "acme", "em24.yaml");
    assert.equal(importTags(list, { ...options, out }, recordingTerminal()), EXIT.done);
    const text = readFileSync(out, "utf8");
    writeFileSync(list, "name,address\nOther,40002\n");
    assert.equal(importTags(list, { ...options, out }, recordingTerminal()), EXIT.invalid);
    assert.equal(readFileSync(out, "utf8"), text);
    assert.equal(importTags(list, { ...options, out, force: true }, recordingTerminal()), EXIT.done);
    assert.notEqual(readFileSync(out, "utf8"), text);
  });

  const WRONG: readonly (readonly [string, Partial<typeof options>, RegExp])[] = [
    ["a name without a maker", { profile: "em24" }, /write maker\/model/],
    ["a base that is none", { base: "2" }, /--base 2/],
    [
      "a list whose base is another",
      { base: "0" },
      /tags\.csv:2:1 .*import with --base 1(.|\n)*Nothing was written\.$/m,
    ],
  ];
  for (const [title, given, sentence] of WRONG) {
    it(`refuses ${title}, and writes nothing`, () => {
      const terminal = recordingTerminal();
      const out = join(folder, "out.yaml");
      assert.equal(importTags(list, { ...options, ...given, out }, terminal), EXIT.invalid);
      assert.match(terminal.errors, sentence);
      assert.equal(existsSync(out), false);
    });
  }

  it("says so when there is no list", () => {
    const terminal = recordingTerminal();
    assert.equal(importTags(join(folder, "absent.csv"), options, terminal), EXIT.invalid);
    assert.match(terminal.errors, /cannot be read/);
  });
});
