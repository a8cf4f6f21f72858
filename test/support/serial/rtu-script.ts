import assert from "node:assert/strict";
import { fromHex, toHex } from "../../../src/kit/bytes.ts";
import type { Request } from "../../../src/modbus/request.ts";
import { type Asked, RtuRig, type RtuRigOptions } from "./rtu-line-rig.ts";

/** How the bytes of `<<` lines are handed over. */
export type Chunking = (bytes: Buffer) => readonly Buffer[];

export const CHUNKINGS: Readonly<Record<string, Chunking>> = {
  whole: (bytes) => [bytes],
  "byte by byte": (bytes) => [...bytes].map((byte) => Buffer.of(byte)),
  "in two halves": (bytes) => [bytes.subarray(0, bytes.length >> 1), bytes.subarray(bytes.length >> 1)],
};

/**
 * Plays a dialogue written down line by line:
 *
 *     # why
 *     >> 11 03 00 00 00 02 C6 9B    is asked, and must be on the wire within 10 ms
 *     .. 500 ms                     passes
 *     << 11 03 04 00 01 …           comes from the line
 *     == registers 1 2              what became of the request before
 *     == late 1                     what the line has counted
 *     -- anything                   nothing was sent since
 */
export async function playRtuScript(script: string, chunking: Chunking, options: RtuRigOptions = {}): Promise<void> {
  const rig = new RtuRig(options);
  await rig.up();
  let asked: Asked = { outcome: "nothing asked", sentAt: undefined };
  let frames = 0;
  for (const [index, raw] of script.split("\n").entries()) {
    const text = raw.replace(/#.*$/, "").trim();
    const mark = text.slice(0, 2);
    const rest = text.slice(2).trim();
    const where = `line ${index}: ${raw.trim()}`;
    if (mark === ">>") {
      const frame = hexOf(rest);
      asked = rig.ask(requestOf(frame), { unit: frame.readUInt8(0) });
      await rig.pass(10);
      assert.equal(rig.wire.frames.length, frames + 1, `${where}\nit was not sent`);
      assert.equal(toHex(rig.wire.frames.at(-1)?.bytes ?? Buffer.alloc(0)), toHex(frame), where);
      frames++;
    } else if (mark === "<<") {
      for (const chunk of chunking(hexOf(rest))) rig.wire.say(chunk);
      await rig.pass(0);
    } else if (mark === "..") await rig.pass(Number.parseFloat(rest));
    else if (mark === "==") assert.equal(found(rig, asked, rest), rest.replace(/\s{2,}.*$/, ""), where);
    else if (mark === "--") assert.equal(rig.wire.frames.length, frames, where);
    else assert.equal(text, "", `${where}\nnot understood`);
  }
  await rig.line.close();
  assert.deepEqual(rig.wire.violations, []);
}

function hexOf(text: string): Buffer {
  return fromHex(/^([0-9A-F]{2}( |$))+/.exec(text)?.[0] ?? "");
}

function found(rig: RtuRig, { outcome }: Asked, wanted: string): string {
  const statistics = rig.line.statistics();
  if (wanted.startsWith("late ")) return `late ${statistics.lateAnswers}`;
  if (wanted.startsWith("line ")) return `line ${rig.line.state.state}`;
  return describeOutcome(outcome);
}

/** `registers 1 2`, `exception 2`, `timeout`, … */
export function describeOutcome(outcome: unknown): string {
  if (typeof outcome !== "object" || outcome === null || !("kind" in outcome)) return String(outcome);
  const { kind } = outcome;
  if ("registers" in outcome) return `registers ${(outcome.registers as readonly number[]).join(" ")}`;
  if ("bits" in outcome) return `bits ${(outcome.bits as readonly boolean[]).map(Number).join(" ")}`;
  if ("code" in outcome) return `exception ${String(outcome.code)}`;
  if (kind === "mismatch" && "reason" in outcome) return `mismatch: ${String(outcome.reason)}`;
  if (kind === "notSent" && "reason" in outcome) return `not sent: ${String(outcome.reason)}`;
  return String(kind);
}

function requestOf(frame: Buffer): Request {
  const word = (at: number): number => frame.readUInt16BE(at);
  const fc = frame.readUInt8(1);
  switch (fc) {
    case 1:
    case 2:
    case 3:
    case 4:
      return { fc, address: word(2), quantity: word(4) };
    case 5:
      return { fc, address: word(2), value: word(4) > 0 };
    case 6:
      return { fc, address: word(2), value: word(4) };
    case 16:
      return { fc, address: word(2), values: Array.from({ length: word(4) }, (_, at) => word(7 + 2 * at)) };
    case 22:
      return { fc, address: word(2), and: word(4), or: word(6) };
    default:
      throw new TypeError(`function ${fc} is not scripted`);
  }
}
