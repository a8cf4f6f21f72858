/** What a host application says of itself under `spBv1.0/STATE/<host>` (Sparkplug 3.0.0, 6.4.24). */
export interface HostState {
  readonly online: boolean;
  /** Milliseconds since 1970 by the host's clock. */
  readonly timestamp: number;
}

/** Longest payload that is looked at. */
const MOST_BYTES = 4096;

/** `{"online":true,"timestamp":1668114759262}`; undefined where it is not that. */
export function parseHostState(payload: Uint8Array): HostState | undefined {
  if (payload.length > MOST_BYTES) return undefined;
  const fields = new Map<string, unknown>(Object.entries(parseObject(payload)));
  const online = fields.get("online");
  const timestamp = fields.get("timestamp");
  if (typeof online !== "boolean" || typeof timestamp !== "number" || !Number.isSafeInteger(timestamp))
    return undefined;
  return timestamp < 0 ? undefined : { online, timestamp };
}

function parseObject(payload: Uint8Array): object {
  try {
    const json: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    return typeof json === "object" && json !== null ? json : {};
  } catch {
    return {};
  }
}
