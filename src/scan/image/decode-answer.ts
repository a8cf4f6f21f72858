import type { Reading, TagCodec } from "../../device/tag-codec.ts";
import { invariant } from "../../kit/invariant.ts";
import type { Answer } from "../../modbus/request.ts";

/** What an answer from the tag's own table says of it; its first cell is at `offset`. */
export function decodeAnswer(codec: TagCodec, answer: Answer, offset: number): Reading {
  if (codec.kind === "bits" && answer.kind === "bits") return codec.decode(answer.bits, offset);
  invariant(codec.kind === "registers" && answer.kind === "registers", "an answer to another table");
  return codec.decode(answer.registers, offset);
}
