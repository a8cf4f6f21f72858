import assert from "node:assert/strict";
import { findUnits } from "../../../../src/app/find-units/find-units.ts";
import { parseUnits } from "../../../../src/app/find-units/unit-range.ts";
import { unitsNote, unitsText } from "../../../../src/app/find-units/units-text.ts";
import { ms } from "../../../../src/kit/time.ts";
import type { AccessOutcome } from "../../../../src/link/messages.ts";
import { answered, failed, FakeAccess, refused, SILENT } from "../../../support/scan/fake-access.ts";

describe("a range of units", () => {
  const RANGES: readonly (readonly [string, readonly number[]])[] = [
    ["7", [7]],
    ["1-3", [1, 2, 3]],
    ["5,1-2, 2,255,0", [5, 1, 2, 255, 0]],
  ];
  for (const [text, units] of RANGES) {
    it(`${text} is ${units.join(" ")}`, () => assert.deepEqual(parseUnits(text), { ok: true, value: units }));
  }
  for (const text of ["", "3-1", "256", "1-", "a", "-1", "1,,2"]) {
    it(`"${text}" is refused`, () => assert.equal(parseUnits(text).ok, false));
  }
});

const register = answered({ kind: "registers", registers: [0] });
const identification = answered({
  kind: "identification",
  objects: new Map([
    [0, "Acme"],
    [1, "EM\u001b[2J24"],
  ]),
});
const serverId = answered({ kind: "serverId", id: 17, running: true, data: Buffer.from("pump") });

describe("the search for units", () => {
  const search = (units: readonly number[]) => ({ units, timeout: ms(300), asking: () => undefined });

  it("takes an answer and a refusal for a unit, silence and 0A and 0B for none", async () => {
    const probes: Readonly<Record<number, AccessOutcome>> = {
      1: register,
      2: SILENT,
      3: refused(2),
      4: refused(10),
      5: refused(11),
      6: refused(1),
      7: failed({ kind: "mismatch", reason: "byte count" }),
    };
    const access = new FakeAccess((unit, { fc }) => (fc === 3 ? (probes[unit] ?? SILENT) : refused(1)));
    const found = await findUnits(access, search([1, 2, 3, 4, 5, 6, 7]));
    assert.ok(found.ok);
    assert.deepEqual(
      found.value.map(({ unit, exception }) => [unit, exception]),
      [
        [1, undefined],
        [3, 2],
        [6, 1],
      ],
    );
  });

  it("asks what answers who it is, and shows nothing that moves a cursor", async () => {
    const access = new FakeAccess((unit, { fc }) => {
      if (fc === 3) return register;
      if (fc === 43) return unit === 1 ? identification : refused(1);
      return unit === 2 ? serverId : refused(1);
    });
    const found = await findUnits(access, search([1, 2, 3]));
    assert.ok(found.ok);
    assert.equal(
      unitsText(found.value),
      [
        "  unit  answer  identification",
        "     1  1.0 ms  Acme, EM.[2J24",
        "     2  1.0 ms  server id 17, running, pump",
        "     3  1.0 ms  none given",
      ].join("\n"),
    );
    assert.match(unitsNote(found.value, 3) ?? "", /answers to any unit/);
    assert.equal(unitsNote(found.value, 4), undefined);
  });

  it("claims no run status that may be a letter of the device's name", () => {
    const identity = {
      objects: new Map<number, string>(),
      serverId: { id: 80, running: false, data: Buffer.from("modbus\xff", "latin1") },
    };
    const text = unitsText([{ unit: 1, took: ms(1), exception: undefined, identity }]);
    assert.match(text, /server id 80, modbus$/);
  });

  it("ends when the endpoint cannot be reached, and keeps what it found", async () => {
    const gone = failed({ kind: "unreachable", reason: "ECONNREFUSED" });
    const access = new FakeAccess((unit, { fc }) => (unit > 1 ? gone : fc === 3 ? register : refused(1)));
    const found = await findUnits(access, search([1, 2, 3]));
    assert.ok(!found.ok);
    assert.deepEqual(
      found.failure.found.map(({ unit }) => unit),
      [1],
    );
    assert.equal(access.asked.filter(({ unit }) => unit === 3).length, 0);
  });

  it("goes on after a unit that costs the connection, but not for ever", async () => {
    const lost = failed({ kind: "lineLost", reason: "closed by the peer" });
    const once = await findUnits(
      new FakeAccess((unit, { fc }) => (unit === 2 ? lost : fc === 3 ? register : refused(1))),
      search([1, 2, 3]),
    );
    assert.ok(once.ok);
    assert.deepEqual(
      once.value.map(({ unit }) => unit),
      [1, 3],
    );
    const always = new FakeAccess(() => lost);
    assert.equal((await findUnits(always, search([1, 2, 3, 4, 5]))).ok, false);
    assert.equal(always.asked.length, 3);
  });
});
