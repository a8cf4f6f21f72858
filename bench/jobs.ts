/**
 * How many jobs a second go through a pool of ten simulated arms, and how long one takes that finds them idle:
 * `npm run bench:jobs [seconds]`, by default 20 s. The job is `home` at arms that stand there, which they end within their
 * next 10 ms: what is measured is takt. Needs mosquitto.
 */
import { Mosquitto } from "../test/support/processes/mosquitto.ts";
import { MqttListener } from "../test/support/mqtt/mqtt-listener.ts";
import { freePort } from "../test/support/processes/free-port.ts";
import { Site, SITE_ROOT, siteSettings, startTakt } from "../test/support/processes/takt.ts";
import { machine, median } from "./report.ts";

const [seconds = 20] = process.argv.slice(2).map(Number);
const ARMS = 10;
/** Orders that are open at a time, so that no arm ever waits for one. */
const OPEN = 100;
const SINGLE = 50;
const WARM_UP = 3000;
const POOL = `${SITE_ROOT}/_pool/arms`;

const names = Array.from({ length: ARMS }, (_, index) => `arm${index + 1}`);
const broker = await Mosquitto.start();
const site = await Site.create({ "plant.yaml": await plantText(), "settings.yaml": siteSettings(broker.url) });
const world = startTakt(["simulate", site.path("plant.yaml"), "--seed", "1"]);
await world.said(/is simulated/);
const listener = await MqttListener.connect(broker.url, {}, `${SITE_ROOT}/+/res/+`);
await listener.client.subscribeAsync([`${POOL}/res/+`, `${SITE_ROOT}/+/status`], { qos: 1 });
const takt = site.run();

/** Controllers of their own: each arm has its endpoint. */
async function plantText(): Promise<string> {
  const lines: string[] = [];
  for (const name of names)
    lines.push(`  ${name}: { tcp: { host: 127.0.0.1, port: ${await freePort()} }, window: 4, roundTrip: 1ms }\n`);
  const devices = names.map((name) => `  ${name}: { profile: takt/robot-arm, line: ${name}, unit: 1 }\n`);
  return `plant: ten-arms\nlines:\n${lines.join("")}devices:\n${devices.join("")}pools:\n  arms: [${names.join(", ")}]\n`;
}

let orders = 0;
const waiting = new Map<string, (ms: number) => void>();

/** Orders a job; gives how long it took from the order to its end, as takt says. */
function order(): Promise<number> {
  const id = `j${++orders}`;
  listener.client.publish(`${POOL}/job`, JSON.stringify({ id, job: "home" }), { qos: 1 });
  return new Promise((resolve) => waiting.set(id, resolve));
}

listener.client.on("message", (topic, payload) => {
  if (!topic.startsWith(`${POOL}/res/`)) return;
  listener.heard.length = 0;
  const { id, outcome, reason, ms } = JSON.parse(payload.toString()) as Record<string, string | number>;
  if (outcome !== "done") throw new Error(`${id} ${outcome}: ${reason}`);
  waiting.get(String(id))?.(Number(ms));
  waiting.delete(String(id));
});

/** Jobs by hand and by mailbox exclude each other at these arms. */
async function toJobs(): Promise<void> {
  for (const name of names) {
    const online = listener.message(({ topic, text }) => {
      return topic === `${SITE_ROOT}/${name}/status` && text.includes('"online"');
    }, 20_000);
    const result = online.then(() => {
      return listener.message(({ topic }) => topic === `${SITE_ROOT}/${name}/res/auto`, 10_000);
    });
    await online;
    await listener.client.publishAsync(`${SITE_ROOT}/${name}/cmd/set`, '{"id":"auto","set":{"auto":false}}', {
      qos: 1,
    });
    const { text } = await result;
    if (!text.includes('"verified"')) throw new Error(text);
  }
}

async function flood(): Promise<number> {
  let done = 0;
  let open = true;
  const lanes = Array.from({ length: OPEN }, async () => {
    while (open) {
      await order();
      done++;
    }
  });
  await new Promise((resolve) => setTimeout(resolve, WARM_UP));
  done = 0;
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const rate = done / ((performance.now() - began) / 1000);
  open = false;
  await Promise.all(lanes);
  return rate;
}

try {
  console.log(machine());
  await toJobs();
  await order();
  const single: number[] = [];
  for (let job = 0; job < SINGLE; job++) single.push(await order());
  const sorted = single.toSorted((a, b) => a - b);
  console.log(`one at a time: order to end p50 ${median(single)} ms, p95 ${sorted[Math.floor(SINGLE * 0.95)]} ms`);
  console.log(`ten arms, ${OPEN} open: ${(await flood()).toFixed(1)} jobs/s in ${seconds} s`);
} finally {
  await takt.stop();
  await world.stop();
  await listener.end();
  await broker.dispose();
  await site.dispose();
}
