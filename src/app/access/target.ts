import type { LineSettings, TcpLineSettings } from "../../config/plant.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { ms } from "../../kit/time.ts";

/** A line as people name it on the command line, or one of a plant. */
export type Target = LineSettings;

const DEFAULT_PORT = 502;

const TARGET = /^tcp:\/\/(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|([^:/?#@\s[\]]+))(?::(\d{1,5}))?\/?$/i;

/** Reads `tcp://host`, `tcp://host:1502`, `tcp://[::1]:1502`; the failure is a sentence. */
export function parseTarget(text: string): Result<Target, string> {
  const match = TARGET.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) return err(`"${text}" is no target; write tcp://host or tcp://host:502`);
  const port = Number(match?.[3] ?? DEFAULT_PORT);
  return port >= 1 && port <= 65_535 ? ok(tcpTarget(host, port)) : err(`port ${port} is outside 1..65535`);
}

function tcpTarget(host: string, port: number): TcpLineSettings {
  const times = { connectTimeout: ms(3000), delayAfterConnect: ms(0) };
  return { name: "direct", kind: "tcp", host, port, window: 1, gateway: undefined, ...times };
}

export function formatTarget(target: Target): string {
  if (target.kind === "serial") return "path" in target.adapter ? `rtu://${target.adapter.path}` : "rtu://";
  const { kind, host, port } = target;
  return `${kind === "tcp" ? "tcp" : "rtu+tcp"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
