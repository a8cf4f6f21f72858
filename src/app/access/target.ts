import { err, ok, type Result } from "../../kit/result.ts";

/** A Modbus/TCP endpoint as people name it. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 502;

const TARGET = /^tcp:\/\/(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|([^:/?#@\s[\]]+))(?::(\d{1,5}))?\/?$/i;

/** Reads `tcp://host`, `tcp://host:1502`, `tcp://[::1]:1502`; the failure is a sentence. */
export function parseTarget(text: string): Result<Target, string> {
  const match = TARGET.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) return err(`"${text}" is no target; write tcp://host or tcp://host:502`);
  const port = Number(match?.[3] ?? DEFAULT_PORT);
  return port >= 1 && port <= 65_535 ? ok({ host, port }) : err(`port ${port} is outside 1..65535`);
}

export function formatTarget({ host, port }: Target): string {
  return `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
