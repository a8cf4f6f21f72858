/** Child of tcp-throughput.ts: `tcp-client.ts <client> <port> <in flight> <seconds>`; prints requests per second. */
import { type ClientName, readingClient } from "./reading-clients.ts";

const REGISTERS = 125;

const [, , name, port, window, seconds] = process.argv;
const client = await readingClient(name as ClientName, Number(port), Number(window));

async function readUntil(end: number): Promise<number> {
  let count = 0;
  for (; performance.now() < end; count++) {
    const registers = await client.read(REGISTERS);
    if (registers[REGISTERS - 1] !== REGISTERS - 1) throw new Error("a wrong value");
  }
  return count;
}

async function readFor(span: number): Promise<number> {
  const start = performance.now();
  const counts = await Promise.all(Array.from({ length: Number(window) }, () => readUntil(start + 1000 * span)));
  return counts.reduce((sum, count) => sum + count) / ((performance.now() - start) / 1000);
}

await readFor(Number(seconds) / 3);
process.stdout.write(`${await readFor(Number(seconds))}\n`);
await client.close();
