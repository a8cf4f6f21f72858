import assert from "node:assert/strict";
import { RtuFramer } from "../../../src/bus/rtu/rtu-framer.ts";
import { fromHex } from "../../../src/kit/bytes.ts";
import { lengthFor, receive } from "../../support/serial/rtu-fuzz.ts";
import { rtu } from "../../support/serial/rtu-oracle.ts";

const READ_TWO = rtu([0x11, 3, 0, 0, 0, 2]);
const TWO = rtu([0x11, 3, 4, 0, 1, 0, 2]);
const WRITE = rtu([0x11, 6, 0, 16, 0x12, 0x34]);

interface Row {
  readonly what: string;
  readonly request?: Buffer;
  readonly chunks: readonly Buffer[];
  readonly kind: "accepted" | "waiting" | RegExp;
}

const ROWS: readonly Row[] = [
  { what: "an answer", chunks: [TWO], kind: "accepted" },
  { what: "an answer byte by byte", chunks: [...TWO].map((byte) => Buffer.of(byte)), kind: "accepted" },
  { what: "an exception", chunks: [rtu([0x11, 0x83, 2])], kind: "accepted" },
  { what: "an exception without a code", chunks: [rtu([0x11, 0x83, 0])], kind: /exception without a code/ },
  { what: "an exception to another function", chunks: [rtu([0x11, 0x84, 2])], kind: "waiting" },
  { what: "another unit's answer", chunks: [rtu([0x12, 3, 4, 0, 1, 0, 2])], kind: "waiting" },
  { what: "another unit's answer, then the right one", chunks: [rtu([0x12, 3, 4, 0, 9, 0, 9]), TWO], kind: "accepted" },
  { what: "another function's answer", chunks: [rtu([0x11, 4, 4, 0, 1, 0, 2])], kind: "waiting" },
  { what: "fewer registers than asked", chunks: [rtu([0x11, 3, 2, 0, 1])], kind: /byte count 2 instead of 4/ },
  { what: "more registers than asked", chunks: [rtu([0x11, 3, 6, 0, 1, 0, 2, 0, 3])], kind: /byte count 6/ },
  { what: "a byte count that lies", chunks: [rtu([0x11, 3, 6, 0, 1, 0, 2])], kind: /byte count 6 instead of 4/ },
  { what: "a wrong check sum", chunks: [Buffer.concat([TWO.subarray(0, -1), Buffer.of(0)])], kind: "waiting" },
  { what: "noise that looks like a head", chunks: [fromHex("11 03 04 00"), TWO], kind: "accepted" },
  { what: "noise after the answer", chunks: [Buffer.concat([TWO, fromHex("11 03 FF")])], kind: "accepted" },
  { what: "an unconfigured echo of a read", chunks: [READ_TWO, TWO], kind: "accepted" },
  { what: "the echo of a write", request: WRITE, chunks: [WRITE], kind: "accepted" },
  { what: "the echo of another address", request: WRITE, chunks: [rtu([0x11, 6, 0, 17, 0x12, 0x34])], kind: /address/ },
  { what: "the echo of another value", request: WRITE, chunks: [rtu([0x11, 6, 0, 16, 0x12, 0x35])], kind: /value/ },
  {
    what: "the echo of a mask write with another mask",
    request: rtu([0x11, 22, 0, 4, 0, 0xf2, 0, 0x25]),
    chunks: [rtu([0x11, 22, 0, 4, 0, 0xf2, 0, 0x26])],
    kind: /or mask/,
  },
  {
    what: "the echo of another quantity",
    request: rtu([0x11, 16, 0, 1, 0, 2, 4, 0, 10, 1, 2]),
    chunks: [rtu([0x11, 16, 0, 1, 0, 1])],
    kind: /quantity 1 instead of 2/,
  },
  {
    what: "an identification whose count is that of all its parts",
    request: rtu([0x11, 43, 14, 1, 0]),
    chunks: [rtu([0x11, 43, 14, 1, 1, 0xff, 1, 3, 0, 2, 65, 66])],
    kind: "accepted",
  },
  {
    what: "an identification of another category",
    request: rtu([0x11, 43, 14, 1, 0]),
    chunks: [rtu([0x11, 43, 14, 2, 1, 0, 0, 1, 0, 2, 65, 66])],
    kind: /another category/,
  },
  { what: "a server id", request: rtu([0x11, 17]), chunks: [rtu([0x11, 17, 3, 9, 0xff, 1])], kind: "accepted" },
  {
    what: "coils that happen to look like the request",
    request: rtu([1, 1, 3, 0xaa, 0, 17]),
    chunks: [rtu([1, 1, 3, 0xaa, 0, 17])],
    kind: "accepted",
  },
];

describe("the framer of RTU answers", () => {
  for (const { what, request = READ_TWO, chunks, kind } of ROWS) {
    it(`${kind instanceof RegExp ? "refuses" : kind === "accepted" ? "finds" : "waits past"} ${what}`, () => {
      const framer = new RtuFramer({
        unit: request.readUInt8(0),
        request,
        length: lengthFor(request),
        localEcho: false,
      });
      let found = framer.push(Buffer.alloc(0));
      for (const chunk of chunks) if (found.kind === "waiting") found = framer.push(chunk);
      if (kind instanceof RegExp) assert.match(found.kind === "mismatch" ? found.reason : found.kind, kind);
      else assert.equal(found.kind, kind);
    });
  }

  it("says when an answer is complete but for its check sum, and takes it back when more comes", () => {
    const framer = new RtuFramer({ unit: 0x11, request: READ_TWO, length: 9, localEcho: false });
    assert.deepEqual(framer.push(fromHex("11 03 04 00 01 00 02 00 00")), { kind: "waiting", damaged: true });
    assert.deepEqual(framer.push(fromHex("00")), { kind: "waiting", damaged: false });
    assert.equal(framer.push(TWO).kind, "accepted");
  });

  it("finds the answer behind more noise than it holds", () => {
    const noise = Buffer.from(Array.from({ length: 5000 }, (_, at) => [0x11, 3, 4, at & 255][at % 4] ?? 0));
    assert.equal(receive(READ_TWO, [noise, TWO]).kind, "accepted");
  });

  it("tells what came beside the answer", () => {
    const framer = new RtuFramer({ unit: 0x11, request: READ_TWO, length: 9, localEcho: false });
    const stranger = rtu([0x12, 3, 2, 0, 1]);
    assert.equal(framer.push(Buffer.concat([stranger, TWO])).kind, "accepted");
    assert.ok(framer.held.equals(stranger));
  });
});
