import { about, type Finding } from "../../device/finding.ts";
import { type TagFile, tagSchema } from "../../device/tag-schema.ts";
import { child, type Located } from "../source/located.ts";
import { nameFindings } from "../source/name-findings.ts";
import { readPart } from "../source/read-part.ts";

interface Tags {
  readonly value: Readonly<Record<string, TagFile>>;
  readonly findings: readonly Finding[];
  /** Tags of which not everything could be read. */
  readonly unread: readonly string[];
  /** Paths of the values that could not be read: nothing more is said of them. */
  readonly broken: readonly (readonly PropertyKey[])[];
}

/** Without these nothing sensible can be said of a tag. */
const FOUNDATIONS = ["at", "type", "count", "length", "values", "scale", "offset"];

/** Reads the tags of a profile one by one: what is right of a tag is kept, for it may explain what else is wrong. */
export function readTags(node: Located | undefined): Tags {
  if (node?.kind !== "map") {
    const message = node === undefined ? '"tags" is missing' : "tags: expected a map";
    return { value: {}, findings: [{ path: ["tags"], message }], unread: [], broken: [] };
  }
  if (node.entries.size === 0) {
    return {
      value: {},
      findings: [{ path: ["tags"], message: "tags: at least one is needed" }],
      unread: [],
      broken: [],
    };
  }
  const read = [...node.entries].map(([name, entry]) => ({
    name,
    ...readPart(tagSchema, withBitPatterns(entry.value)),
  }));
  const usable = read.flatMap(({ name, value, failed }) => {
    const { at } = value;
    return at === undefined || FOUNDATIONS.some((key) => failed.has(key)) ? [] : [[name, { ...value, at }] as const];
  });
  return {
    value: Object.fromEntries(usable),
    findings: read.flatMap(({ name, findings }) =>
      about(["tags", name], `tag ${name}`, [...nameFindings(name), ...findings]),
    ),
    unread: read.flatMap(({ name, complete }) => (complete ? [] : name)),
    broken: read.flatMap(({ name, failed }) => [...failed].map((key) => ["tags", name, key])),
  };
}

/** The sentinels of a float that are written in hexadecimal are bit patterns, no numbers: they stay as written. */
function withBitPatterns(tag: Located): Located {
  const type = child(tag, "type");
  const invalid = child(tag, "invalid");
  const isFloat = type?.kind === "scalar" && (type.value === "float32" || type.value === "float64");
  if (!isFloat || tag.kind !== "map" || invalid?.kind !== "list") return tag;
  const items = invalid.items.map((item) =>
    item.kind === "scalar" && item.hex !== undefined ? { ...item, value: item.hex } : item,
  );
  const entry = { keyAt: tag.entries.get("invalid")?.keyAt ?? tag.at, value: { ...invalid, items } };
  return { ...tag, entries: new Map([...tag.entries, ["invalid", entry]]) };
}
