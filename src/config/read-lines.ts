import { ms } from "../kit/time.ts";
import { NAME_PATTERN, NAME_RULE } from "../device/file-words.ts";
import { about, type Finding } from "../device/finding.ts";
import { entriesOf, type Located } from "./located.ts";
import type { LineSettings } from "./plant.ts";
import { type LineFile, lineSchema } from "./plant-schema.ts";
import { readPart } from "./read-part.ts";

export interface LinesReading {
  readonly value: ReadonlyMap<string, LineSettings>;
  /** Paths begin at the plant. */
  readonly findings: readonly Finding[];
}

/** Reads the lines of a plant; each endpoint is one line. */
export function readLines(node: Located | undefined): LinesReading {
  const value = new Map<string, LineSettings>();
  const endpoints = new Map<string, string>();
  const findings = entriesOf(node).flatMap(([name, { value: line }]) => {
    const part = readPart(lineSchema, line);
    const found: Finding[] = [...part.findings];
    if (!NAME_PATTERN.test(name)) found.push({ path: [], message: `"${name}" ${NAME_RULE}`, atKey: true });
    if (part.complete) value.set(name, lineSettings(name, part.complete));
    if (part.value.tcp) {
      const endpoint = `${part.value.tcp.host.toLowerCase()}:${part.value.tcp.port ?? DEFAULT_PORT}`;
      const other = endpoints.get(endpoint);
      const hint = "units behind one host and port share one line";
      if (other !== undefined) found.push({ path: ["tcp"], message: `line ${other} is ${endpoint} already`, hint });
      else endpoints.set(endpoint, name);
    }
    return about(["lines", name], `line ${name}`, found);
  });
  return { value, findings };
}

const DEFAULT_PORT = 502;

function lineSettings(name: string, { tcp, window, connectTimeout, delayAfterConnect }: LineFile): LineSettings {
  return {
    name,
    kind: "tcp",
    host: tcp.host,
    port: tcp.port ?? DEFAULT_PORT,
    window: window ?? 1,
    gateway: undefined,
    connectTimeout: connectTimeout ?? ms(3000),
    delayAfterConnect: delayAfterConnect ?? ms(0),
  };
}
