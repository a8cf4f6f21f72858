import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { check } from "../../../src/app/commands/check.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

function checked(name: string, json = false): { readonly code: number; readonly text: string } {
  const lines: string[] = [];
  const code = check(fixture(name), { json }, (text) => lines.push(text));
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
    });
    assert.ok(typeof bad === "object" && bad !== null && "issues" in bad && Array.isArray(bad.issues));
    assert.equal(bad.issues.length, 1);
  });
});
