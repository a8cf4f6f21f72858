/**
 * Child of hundred-devices.ts: `device-client.ts <client> <registers> <seconds> <ports>`; reads one block of each device
 * every 100 ms and prints milliseconds of processor time per 1,000 requests.
 */
import { type ClientName, readingClient } from "./reading-clients.ts";

const PERIOD = 100;

/** Before it is measured a client runs ten times as fast, so that its code is compiled as after hours at its own pace. */
const WARMING = { period: 10, span: 5000, settling: 1000 };

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

function readAll(): void {
  for (const client of clients) {
    readOnce(client).catch(() => failed++);
  }
}

function pass(span: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, span));
}

const warming = setInterval(readAll, WARMING.period);
await pass(WARMING.span);
clearInterval(warming);
const cycle = setInterval(readAll, PERIOD);
await pass(WARMING.settling);

done = 0;
const before = process.cpuUsage();
await pass(1000 * Number(seconds));
const used = process.cpuUsage(before);
if (failed > 0) throw new Error(`${failed} requests failed`);
process.stdout.write(`${used.user + used.system} ${done}\n`);
clearInterval(cycle);
for (const client of clients) await client.close();
