import type { z } from "zod";
import { about, type Finding } from "../../device/finding.ts";
import { entriesOf, type Located } from "./located.ts";
import { nameFindings } from "./name-findings.ts";
import { readPart } from "./read-part.ts";

/** The entries of a map that are right, by their names. */
export interface NamedParts<T> {
  readonly value: Readonly<Record<string, T>>;
  /** Paths begin at the map's own key. */
  readonly findings: readonly Finding[];
}

/** Reads the map `key` of a file, each of its entries, a `noun`, by itself; where there is none, there are none. */
export function readNamed<S extends z.core.$ZodShape>(
  schema: z.ZodObject<S, z.core.$strict>,
  node: Located | undefined,
  { key, noun }: { readonly key: string; readonly noun: string },
): NamedParts<z.output<z.ZodObject<S, z.core.$strict>>> {
  if (node === undefined) return { value: {}, findings: [] };
  if (node.kind !== "map") return { value: {}, findings: [{ path: [key], message: `${key}: expected a map` }] };
  const read = entriesOf(node).map(([name, { value }]) => ({ name, ...readPart(schema, value) }));
  return {
    value: Object.fromEntries(read.flatMap(({ name, complete }) => (complete ? [[name, complete]] : []))),
    findings: read.flatMap(({ name, findings }) =>
      about([key, name], `${noun} ${name}`, [...nameFindings(name), ...findings]),
    ),
  };
}
