import { NUMERIC_WORDS } from "../modbus/register-codec.ts";
import { isBitTable } from "./location.ts";
import type { Tag } from "./tag.ts";

/** How many addresses of its table a tag covers, from `tag.at.address` on: coils, inputs or registers. */
export function tagSpan(tag: Pick<Tag, "at" | "type" | "count" | "length">): number {
  return wordsEach(tag) * (tag.count ?? 1);
}

function wordsEach(tag: Pick<Tag, "at" | "type" | "length">): number {
  if (isBitTable(tag.at.table) || tag.at.bits || tag.type === "bool" || tag.type === "enum") return 1;
  return tag.type === "string" ? Math.ceil((tag.length ?? 2) / 2) : NUMERIC_WORDS[tag.type];
}
