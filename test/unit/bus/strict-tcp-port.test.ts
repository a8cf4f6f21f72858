import assert from "node:assert/strict";
import { fromHex, toHex } from "../../../src/kit/bytes.ts";
import { crc16 } from "../../../src/modbus/crc16.ts";
import { StrictTcpPort } from "../../../src/bus/tcp/strict-tcp-port.ts";

/** A port with a log of what it sends, delivers and reports: one line each. */
class Bench {
  readonly log: string[] = [];
  readonly port: StrictTcpPort;

  constructor(window = 2) {
    this.port = new StrictTcpPort({
      window,
      transmit: (frame) => this.log.push(`>> ${toHex(frame)}`),
      events: {
        mismatched: (slot, reason) => this.log.push(`slot ${slot} mismatch: ${reason}`),
        stray: () => this.log.push("stray"),
        broken: (reason) => this.log.push(`broken: ${reason}`),
      },
    });
    this.port.open(() => undefined);
    this.port.on("data", (rtu: Buffer) => {
      assert.equal(crc16(rtu, rtu.length - 2), rtu.readUInt16LE(rtu.length - 2));
      this.log.push(`slot ${this.port._transactionIdRead} gets ${toHex(rtu.subarray(0, -2))}`);
    });
  }

  /** Writes `rtu` (without check sum) in `slot`; what came of it is in the log. */
  ask(slot: number, rtu: string): void {
    this.port._transactionIdWrite = slot;
    this.port.write(Buffer.concat([fromHex(rtu), Buffer.alloc(2)]));
  }

  /** What the port makes of `bytes`. */
  gets(bytes: string): readonly string[] {
    this.log.length = 0;
    this.port.receive(fromHex(bytes));
    return [...this.log];
  }
}

const READ = "11 03 00 6B 00 01";

describe("the strict TCP port", () => {
  it("sends MBAP for RTU under ids of its own, and delivers RTU for MBAP in the slot that asked", () => {
    const bench = new Bench();
    bench.ask(1, READ);
    bench.ask(0, READ);
    assert.deepEqual(bench.log, [">> 00 00 00 00 00 06 11 03 00 6B 00 01", ">> 00 01 00 00 00 06 11 03 00 6B 00 01"]);
    assert.deepEqual(bench.gets("0001 0000 0005 11 03 02 00 07"), ["slot 0 gets 11 03 02 00 07"]);
    assert.deepEqual(bench.gets("0000 0000 0003 11 83 02"), ["slot 1 gets 11 83 02"]);
  });

  it("drops a late and a duplicate answer", () => {
    const bench = new Bench();
    bench.ask(0, READ);
    bench.port.retire(0);
    assert.deepEqual(bench.gets("0000 0000 0005 11 03 02 00 07"), ["stray"]);
    bench.ask(0, READ);
    bench.gets("0001 0000 0005 11 03 02 00 07");
    assert.deepEqual(bench.gets("0001 0000 0005 11 03 02 00 08"), ["stray"]);
  });

  it("breaks at an id that was never issued", () => {
    const bench = new Bench();
    bench.ask(0, READ);
    assert.deepEqual(bench.gets("0001 0000 0005 11 03 02 00 07"), ["broken: transaction id 1 was never issued"]);
  });

  it("accepts nothing of what came together with an id that was never issued", () => {
    const bench = new Bench();
    bench.ask(0, READ);
    const both = "0000 0000 0005 11 03 02 00 07 0009 0000 0005 11 03 02 00 07";
    assert.deepEqual(bench.gets(both), ["broken: transaction id 9 was never issued"]);
  });

  it("breaks at an answer that broke off and ends with the one to another request, wherever it broke", () => {
    const whole = "0000 0000 000D 11 03 0A 00 01 00 02 00 03 00 04 00 05";
    for (const [next, missing] of [
      ["0001 0000 0004 12 01 01 05", 8],
      ["0001 0000 0004 12 01 01 05", 9],
      ["0001 0000 0004 12 01 01 05", 10],
      ["0001 0000 0004 00 01 01 05", 10],
    ] as const) {
      const bench = new Bench();
      bench.ask(0, "11 03 00 6B 00 05");
      bench.ask(1, "12 01 00 00 00 03");
      const end = fromHex(next).subarray(0, missing);
      const broken = toHex(Buffer.concat([fromHex(whole).subarray(0, -missing), end]));
      assert.deepEqual(bench.gets(broken), ["broken: an answer broke off, and the next one came for its end"]);
    }
  });

  it("takes an answer whose end came apart, and may be the beginning of another one, when that is here as well", () => {
    const [first, second] = ["0000 0000 0007 11 03 04 12 34 00 01", "0001 0000 0007 11 03 04 00 01 56 78"].map(fromHex);
    assert.ok(first && second);
    for (let missing = 1; missing <= 4; missing++) {
      const asked = (): Bench => {
        const bench = new Bench();
        bench.ask(0, "11 03 00 6B 00 02");
        bench.ask(1, "11 03 00 75 00 02");
        return bench;
      };
      const brokeOff = asked();
      const frames = [first.subarray(0, -missing), second.subarray(0, missing), second.subarray(missing)];
      const said = frames.flatMap((bytes) => brokeOff.gets(toHex(bytes)));
      assert.match(said.join(), /^broken: /, `${missing} bytes missing`);
      const sound = asked();
      const parts: readonly Buffer[] = [first.subarray(0, -missing), first.subarray(-missing), second];
      assert.deepEqual(
        parts.flatMap((bytes) => sound.gets(toHex(bytes))),
        ["slot 0 gets 11 03 04 12 34 00 01", "slot 1 gets 11 03 04 00 01 56 78"],
      );
    }
  });

  it("breaks at one that ends with a late answer, and takes it for values once that answer has come", () => {
    const frame = "0001 0000 000D 11 03 0A 0000 0000 0004 12 01 01 05";
    const bench = new Bench();
    bench.ask(0, "12 01 00 00 00 03");
    bench.port.retire(0);
    bench.ask(0, "11 03 00 6B 00 05");
    assert.deepEqual(bench.gets(frame), ["broken: an answer broke off, and the next one came for its end"]);
    assert.deepEqual(bench.gets("0000 0000 0004 12 01 01 05"), ["stray"]);
    assert.deepEqual(bench.gets(frame), ["slot 0 gets 11 03 0A 00 00 00 00 00 04 12 01 01 05"]);
  });

  it("takes values for values that only look like the header of an answer", () => {
    for (const [value, asked] of [
      ["0001 0000 0005 13 01", "12 01 00 00 00 03"],
      ["0001 0000 0004 12 02", "12 01 00 00 00 03"],
      ["0001 0000 0001 12 01", "12 01 00 00 00 03"],
      ["0002 0000 0004 12 01", "12 01 00 00 00 03"],
    ] as const) {
      const bench = new Bench();
      bench.ask(0, "11 03 00 6B 00 05");
      bench.ask(1, asked);
      const frame = toHex(fromHex(`0000 0000 000D 11 03 0A ${value} 01 05`));
      assert.deepEqual(bench.gets(frame), [`slot 0 gets ${toHex(fromHex(`11 03 0A ${value} 01 05`))}`], value);
    }
  });

  it("takes no second answer under an id that another unit answered under, an exception included", () => {
    for (const [asked, foreign] of [
      [READ, "12 83 02"],
      ["06 02 00 0F 00 03", "07 02 01 06"],
    ] as const) {
      const bench = new Bench();
      bench.ask(0, asked);
      const units = `unit ${parseInt(foreign, 16)} answers for unit ${parseInt(asked, 16)}`;
      assert.deepEqual(bench.gets(`0000 0000 000${fromHex(foreign).length} ${foreign}`), [`slot 0 mismatch: ${units}`]);
      // An answer to another request of that unit, under a wrong id.
      assert.deepEqual(bench.gets("0000 0000 0004 06 02 01 02"), ["stray"]);
    }
  });

  it("reports a mismatch, and breaks at another function as well", () => {
    const bench = new Bench();
    bench.ask(0, READ);
    assert.deepEqual(bench.gets("0000 0000 0007 11 03 04 00 07 00 08"), ["slot 0 mismatch: byte count 4 instead of 2"]);
    bench.ask(0, READ);
    assert.deepEqual(bench.gets("0001 0000 0005 11 04 02 00 07"), [
      "slot 0 mismatch: function 4 answers function 3",
      "broken: function 4 answers function 3",
    ]);
  });

  it("keeps from the library that more follows, and the count of objects that are not there", () => {
    const bench = new Bench();
    bench.ask(0, "11 2B 0E 01 00");
    assert.deepEqual(bench.gets("0000 0000 000B 11 2B 0E 01 01 FF 02 03 00 01 41"), [
      "slot 0 gets 11 2B 0E 01 01 00 02 01 00 01 41",
    ]);
    assert.equal(bench.port.continuesAt, 2);
  });

  it("delivers nothing after it was closed", () => {
    const bench = new Bench();
    bench.ask(0, READ);
    bench.port.close();
    assert.deepEqual(bench.gets("0000 0000 0005 11 03 02 00 07"), []);
  });
});
