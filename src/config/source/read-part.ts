import type { z } from "zod";
import type { Finding } from "../../device/finding.ts";
import { type Located, plain } from "./located.ts";
import { findingsOf, shown } from "./sentences.ts";

/** A map of a file as far as it could be understood. */
export interface Part<T> {
  /** The keys whose values are right. */
  readonly value: Partial<T>;
  /** All of it; undefined when anything is wrong with it. */
  readonly complete: T | undefined;
  /** Keys whose values are wrong or missing. */
  readonly failed: ReadonlySet<string>;
  /** Paths begin at the part. */
  readonly findings: readonly Finding[];
}

/** Reads one map by its schema; keeps what is right, so that what is wrong elsewhere is found in the same run. */
export function readPart<S extends z.core.$ZodShape>(
  schema: z.ZodObject<S, z.core.$strict>,
  node: Located,
): Part<z.output<z.ZodObject<S, z.core.$strict>>> {
  type T = z.output<z.ZodObject<S, z.core.$strict>>;
  const data = plain(node);
  const known = Object.keys(schema.shape);
  if (!isRecord(data)) {
    const findings = [{ path: [], message: `expected a map with ${someOf(known)}; got ${shown(data)}` }];
    return { value: {}, complete: undefined, failed: new Set(known), findings };
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return { value: parsed.data, complete: parsed.data, failed: new Set(), findings: [] };
  const failed = new Set(parsed.error.issues.flatMap(({ path }) => (path.length > 0 ? String(path[0]) : [])));
  const sound = Object.entries(data).filter(([key]) => known.includes(key) && !failed.has(key));
  const rest = schema.partial().safeParse(Object.fromEntries(sound));
  return {
    value: rest.success ? (rest.data as Partial<T>) : {},
    complete: undefined,
    failed,
    findings: findingsOf(parsed.error.issues, data),
  };
}

const MOST_NAMED = 5;

function someOf(keys: readonly string[]): string {
  const named = keys.slice(0, MOST_NAMED).join(", ");
  return keys.length > MOST_NAMED ? `${named}, …` : named;
}

function isRecord(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}
