import { once } from "node:events";
import { createServer } from "node:net";

/** The ports a system hands out by itself begin above this: 32768 on Linux, 49152 elsewhere. */
const FIRST = 20_000;
const LAST = 32_767;

/** No port is given twice. */
const given = new Set<number>();

/**
 * A port of the loopback interface that nobody listens on, for a program that cannot be asked for port 0. No client's
 * socket is given it while its server is away: a client that tries such a port again and again may end up connected to
 * itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
