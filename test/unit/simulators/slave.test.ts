import assert from "node:assert/strict";
import { answerPdu, type Slave } from "../../../simulators/wire/slave.ts";
import { fromHex, toHex } from "../../../src/kit/bytes.ts";
import type { FunctionCode } from "../../../src/modbus/function-code.ts";
import { sketchedDevice, sketchedUnit } from "../../support/slaves/slave-sketch.ts";

/** Lines of `>> request` and `<< answer`, hexadecimal PDUs; what follows two spaces and a letter is a note. */
function converse(slave: Slave, conversation: string): void {
  const lines = conversation
    .trim()
    .split("\n")
    .map((line) => line.trim());
  let answer = "";
  for (const line of lines) {
    const frame = line.slice(3).split(/ {2,}/)[0] ?? "";
    if (line.startsWith(">>")) answer = toHex(answerPdu(slave, fromHex(frame)));
    else if (line.startsWith("<<")) assert.equal(answer, frame.trim(), line);
  }
}

describe("a simulated slave", () => {
  let slave: Slave;

  beforeEach(() => {
    slave = sketchedUnit().slave;
    const holding = slave.space.table("holding");
    [0x022b, 0x0000, 0x0064, 0x0012].forEach((word, index) => holding.put(index, word));
    slave.space.table("input").put(8, 0x000a);
    [1, 0, 1, 1, 0, 0, 1, 1, 1, 0].forEach((bit, index) => slave.space.table("discrete").put(index, bit));
    [1, 0, 1, 1, 0, 0, 1, 1, 1, 0].forEach((bit, index) => slave.space.table("coil").put(index, bit));
  });

  it("reads every table", () => {
    converse(
      slave,
      `>> 01 00 00 00 0A          coils 0..9, low bit first, the last byte filled up
       << 01 02 CD 01
       >> 02 00 00 00 09          discrete inputs 0..8
       << 02 02 CD 01
       >> 03 00 00 00 03          the holding registers of the specification's example (6.3)
       << 03 06 02 2B 00 00 00 64
       >> 04 00 08 00 01          the input register of the specification's example (6.4)
       << 04 02 00 0A`,
    );
  });

  it("writes one and many, and echoes what the specification wants echoed", () => {
    converse(
      slave,
      `>> 05 00 01 FF 00          coil 1 on
       << 05 00 01 FF 00
       >> 06 00 01 00 03          holding register 1 (6.6)
       << 06 00 01 00 03
       >> 0F 00 00 00 08 01 8D    coils 0..7
       << 0F 00 00 00 08
       >> 01 00 00 00 08
       << 01 01 8D
       >> 10 00 01 00 02 04 00 0A 01 02     registers 1 and 2 (6.12)
       << 10 00 01 00 02
       >> 03 00 00 00 03
       << 03 06 02 2B 00 0A 01 02`,
    );
  });

  it("masks a register: 12 AND F2 OR (25 AND NOT F2) is 17 (6.16)", () => {
    converse(
      slave,
      `>> 16 00 03 00 F2 00 25
       << 16 00 03 00 F2 00 25
       >> 03 00 03 00 01
       << 03 02 00 17`,
    );
  });

  it("writes before it reads with function 17 hex (6.17)", () => {
    converse(
      slave,
      `>> 17 00 03 00 03 00 04 00 02 04 00 FF 00 FE     read 3..5, write 4..5
       << 17 06 00 12 00 FF 00 FE`,
    );
  });

  it("tells who it is", () => {
    converse(slave, `>> 2B 0E 04 05\n << 2B 0E 04 83 00 00 01 05 0B ${toHex(Buffer.from("test/device"))}`);
    const serverId = answerPdu(slave, Buffer.of(17));
    assert.equal(serverId[1], serverId.length - 2);
    assert.deepEqual([serverId[2], serverId[3]], [1, 0xff]);
  });

  it("continues an identification that does not fit into one answer", () => {
    const objects = new Map([0, 1, 2].map((id) => [id, "x".repeat(150)]));
    const talkative = { ...slave, identity: { serverId: 1, description: "", objects } };
    const first = answerPdu(talkative, fromHex("2B 0E 01 00"));
    assert.equal(toHex(first.subarray(0, 7)), "2B 0E 01 83 FF 01 01", "more follows, from object 1, one object here");
    assert.ok(first.length <= 253);
    assert.equal(toHex(answerPdu(talkative, fromHex("2B 0E 01 02")).subarray(4, 7)), "00 00 01");
  });

  const refused: readonly (readonly [string, string, string])[] = [
    ["a function it does not have", "07", "87 01"],
    ["function 0", "00", "80 01"],
    ["an encapsulated interface other than identification", "2B 0D 01 00", "AB 01"],
    ["no coils at all", "01 00 00 00 00", "81 03"],
    ["2001 coils", "01 00 00 07 D1", "81 03"],
    ["no registers at all", "03 00 00 00 00", "83 03"],
    ["126 registers", "03 00 0C 00 7E", "83 03"],
    ["an address that is not there", "03 00 0A 00 01", "83 02"],
    ["a range that begins well and ends badly", "03 00 08 00 03", "83 02"],
    ["a range beyond the last address", "03 FF FF 00 02", "83 02"],
    ["an input register that is not there", "04 00 0A 00 01", "84 02"],
    ["a coil that is not there", "05 00 0A FF 00", "85 02"],
    ["a coil value that is neither on nor off", "05 00 00 00 01", "85 03"],
    ["a write to a coil that only reads", "05 00 08 FF 00", "85 02"],
    ["a write to a register that only reads", "06 00 08 00 01", "86 02"],
    ["a write that reaches into one that only reads", "10 00 07 00 02 04 00 01 00 02", "90 02"],
    ["a byte count that does not match", "10 00 00 00 02 03 00 01 00", "90 03"],
    ["values that are missing", "10 00 00 00 02 04 00 01", "90 03"],
    ["124 registers to write", `10 00 0C 00 7C F8 ${"00 00 ".repeat(124)}`, "90 03"],
    ["1969 coils to write", `0F 00 00 07 B1 F7 ${"00 ".repeat(247)}`, "8F 03"],
    ["a mask write that is too short", "16 00 00 00 F2", "96 03"],
    ["a mask write where nothing is", "16 00 0A 00 F2 00 25", "96 02"],
    ["122 registers to write while reading", `17 00 00 00 01 00 0C 00 7A F4 ${"00 00 ".repeat(122)}`, "97 03"],
    ["a read of 126 while writing", "17 00 0C 00 7E 00 00 00 01 02 00 01", "97 03"],
    ["a read of nothing there while writing", "17 00 0A 00 01 00 00 00 01 02 00 01", "97 02"],
    ["a truncated read", "03 00 00", "83 03"],
    ["a read with something behind it", "03 00 00 00 01 00", "83 03"],
    ["an identification category that does not exist", "2B 0E 05 00", "AB 03"],
    ["an identification object that does not exist", "2B 0E 04 40", "AB 02"],
  ];
  for (const [what, request, answer] of refused) {
    it(`refuses ${what}`, () => assert.equal(toHex(answerPdu(slave, fromHex(request))), answer));
  }

  it("asks for the function first, then the quantity, then the address", () => {
    const few = sketchedUnit(withFunctions([3])).slave;
    assert.equal(toHex(answerPdu(few, fromHex("10 FF FF 00 00 00"))), "90 01");
    assert.equal(toHex(answerPdu(few, fromHex("03 FF FF 00 00"))), "83 03");
    assert.equal(toHex(answerPdu(few, fromHex("03 FF FF 00 01"))), "83 02");
  });

  it("keeps to the device's own limits where they are narrower", () => {
    const limits = { readRegisters: 4, readBits: 8, writeRegisters: 2, gap: 0, window: 1, mergeWrites: false };
    const narrow = sketchedUnit({ limits }).slave;
    assert.equal(toHex(answerPdu(narrow, fromHex("03 00 00 00 05"))), "83 03");
    assert.equal(toHex(answerPdu(narrow, fromHex("01 00 00 00 09"))), "81 03");
    assert.equal(toHex(answerPdu(narrow, fromHex("10 00 00 00 03 06 00 00 00 00 00 00"))), "90 03");
    assert.equal(answerPdu(narrow, fromHex("03 00 00 00 04"))[0], 3);
  });

  it("keeps to the protocol's limits whatever the device claims", () => {
    const limits = { readRegisters: 9999, readBits: 9999, writeRegisters: 9999, gap: 0, window: 1, mergeWrites: false };
    const generous = sketchedUnit({ limits }).slave;
    const tooMany = ["03 00 0C 00 7E", "01 00 00 07 D1", `10 00 0C 00 7C F8 ${"00 00 ".repeat(124)}`];
    const answers = tooMany.map((request) => toHex(answerPdu(generous, fromHex(request))));
    assert.deepEqual(answers, ["83 03", "81 03", "90 03"]);
    const reading = `17 00 0C 00 01 00 0C 00 7A F4 ${"00 00 ".repeat(122)}`;
    assert.equal(toHex(answerPdu(generous, fromHex(reading))), "97 03");
  });

  it("changes nothing when a read and write is refused", () => {
    answerPdu(slave, fromHex("17 00 0A 00 01 00 00 00 01 02 FF FF"));
    assert.deepEqual(slave.space.table("holding").read(0, 1), [0x022b]);
  });

  it("reads short holes between its registers as 0, unless it is strict", () => {
    const limits = { readRegisters: 125, readBits: 2000, writeRegisters: 123, gap: 2, window: 1, mergeWrites: false };
    const lenient = sketchedUnit({ limits }).slave;
    assert.equal(toHex(answerPdu(lenient, fromHex("03 00 0A 00 02"))), "03 04 00 00 00 00");
    assert.equal(toHex(answerPdu(lenient, fromHex("06 00 0A 00 01"))), "86 02", "but a hole is not for writing");
    assert.equal(toHex(answerPdu(slave, fromHex("03 00 0A 00 02"))), "83 02");
  });
});

function withFunctions(codes: readonly FunctionCode[]) {
  const { profile } = sketchedDevice();
  return { profile: { ...profile, functions: new Set(codes) } };
}
