/**
 * Child of hundred-devices.ts: `device-client.ts <client> <registers> <seconds> <ports>`; reads one block of each device
 * every 100 ms and prints milliseconds of processor time per 1,000 requests.
 */
import { type ClientName, readingClient } from "./reading-clients.ts";

const PERIOD = 100;

const [, , name, registers, seconds, ports = ""] = process.argv;
const quantity = Number(registers);
const clients = await Promise.all(ports.split(",").map((port) => readingClient(name as ClientName, Number(port), 1)));

let done = 0;
let failed = 0;

async function readOnce(client: (typeof clients)[number]): Promise<void> {
  const values = await client.read(quantity);
  if (values[quantity - 1] === quantity - 1) done++;
  else failed++;
}

const cycle = setInterval(() => {
  for (const client of clients) {
    readOnce(client).catch(() => failed++);
  }
}, PERIOD);

const pass = (span: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, span));

await pass(3000);
done = 0;
const before = process.cpuUsage();
await pass(1000 * Number(seconds));
const used = process.cpuUsage(before);
if (failed > 0) throw new Error(`${failed} requests failed`);
process.stdout.write(`${used.user + used.system} ${done}\n`);
clearInterval(cycle);
for (const client of clients) client.close();
