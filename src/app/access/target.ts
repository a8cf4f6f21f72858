import type { LineSettings, TcpLineSettings } from "../../config/plant/plant.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { ms } from "../../kit/time.ts";
import { formatWireQuery, parseWireQuery, type WireQuery } from "./wire-query.ts";

/** A line as people name it on the command line, or one of a plant. */
export type Target = LineSettings;

const DEFAULT_PORT = 502;
const NAME = "direct";
const TIMES = { name: NAME, delayAfterConnect: ms(0) };
const CONNECT_TIME = ms(3000);

const TARGET = /^(tcp|rtu\+tcp|rtu):\/\/([^?#]*)(?:\?([^#]*))?$/i;
const ENDPOINT = /^(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|([^:/@\s[\]]+))(?::(\d{1,5}))?\/?$/i;

const KNOWN = "write tcp://host, rtu:///dev/ttyUSB0?baud=19200&parity=even or rtu+tcp://host:4001?baud=9600";

/**
 * Reads `tcp://host`, `tcp://[::1]:1502`, `rtu:///dev/ttyUSB0?baud=9600&parity=none`, `rtu+tcp://host:4001?baud=9600`; the
 * failure is a sentence.
 */
export function parseTarget(text: string): Result<Target, string> {
  const [, scheme = "", place = "", query] = TARGET.exec(text) ?? [];
  if (scheme === "") return err(`"${text}" is no target; ${KNOWN}`);
  const kind = scheme.toLowerCase();
  if (kind === "tcp") {
    return query === undefined ? parseEndpoint(text, place, DEFAULT_PORT) : err(`a tcp:// target takes no "?${query}"`);
  }
  const wire = parseWireQuery(query ?? "");
  if (!wire.ok) return wire;
  return kind === "rtu" ? serialTarget(text, place, wire.value) : serverTarget(text, place, wire.value);
}

/** As `parseTarget` reads it. */
export function formatTarget(target: Target): string {
  if (target.kind === "serial") return `rtu://${adapterText(target)}${formatWireQuery(target)}`;
  const { host, port } = target;
  const endpoint = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return target.kind === "tcp" ? `tcp://${endpoint}` : `rtu+tcp://${endpoint}${formatWireQuery(target)}`;
}

function parseEndpoint(text: string, place: string, defaultPort: number | undefined): Result<TcpLineSettings, string> {
  const match = ENDPOINT.exec(place);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) return err(`"${text}" is no target; ${KNOWN}`);
  const digits = match?.[3];
  if (digits === undefined && defaultPort === undefined)
    return err(`"${text}" names no port; device servers have no usual one`);
  const port = Number(digits ?? defaultPort);
  if (!(port >= 1 && port <= 65_535)) return err(`port ${port} is outside 1..65535`);
  return ok({
    ...TIMES,
    kind: "tcp",
    host,
    port,
    window: 1,
    gateway: undefined,
    connectTimeout: CONNECT_TIME,
    roundTrip: ms(0),
  });
}

function serverTarget(text: string, place: string, { format, echo }: WireQuery): Result<Target, string> {
  const endpoint = parseEndpoint(text, place, undefined);
  if (!endpoint.ok) return endpoint;
  const { host, port, connectTimeout, roundTrip } = endpoint.value;
  const rest = { localEcho: echo, broadcastTurnaround: ms(100), packetTime: ms(10) };
  return ok({ ...TIMES, ...rest, kind: "rtuOverTcp", host, port, connectTimeout, roundTrip, format });
}

function serialTarget(text: string, path: string, { format, echo, driver }: WireQuery): Result<Target, string> {
  if (path === "" || path === "/") return err(`"${text}" names no port, as in rtu:///dev/ttyUSB0 or rtu://COM3`);
  const rest = { localEcho: echo, broadcastTurnaround: ms(100), lowLatency: true, hostLatency: ms(0) };
  return ok({ ...TIMES, ...rest, kind: "serial", adapter: { path }, format, driver });
}

function adapterText({ adapter }: Target & { readonly kind: "serial" }): string {
  if ("path" in adapter) return adapter.path;
  return `${adapter.vendor}:${adapter.product}`;
}
