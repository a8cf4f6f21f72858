import { argv, exit, stdout } from "node:process";
import { parseArgs } from "node:util";
import { ms } from "../../src/kit/time.ts";
import { playPlant } from "./plant-run/play-plant.ts";
import { simulatePlant } from "./plant-run/simulate-plant.ts";

/**
 * `npm run sim -- [--seed N] [--seeds COUNT] [--hours H] [--pieces] [--pty DRIVER]`: ends with 1 where a promise was broken. With
 * `--pty serialport` or `--pty tty` it runs in real time over a pseudo-terminal.
 */
const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    hours: { type: "string", default: "1" },
    pty: { type: "string" },
    plant: { type: "string", default: "generated" },
    pieces: { type: "boolean", default: false },
  },
});
const hours = Number(values.hours);
let broken = 0;
for (let seed = Number(values.seed); seed < Number(values.seed) + Number(values.seeds); seed++) {
  const started = performance.now();
  const span = ms(hours * 3_600_000);
  const report = values.pty
    ? await playPlant(seed, span, values.pty === "tty" ? "tty" : "serialport")
    : await simulatePlant({
        seed,
        span,
        plant: values.plant === "wire" ? "wire" : "generated",
        handOver: values.pieces ? "pieces" : "whole",
      });
  const took = (performance.now() - started) / 1000;
  broken += report.broken.length;
  const speed = Math.round((hours * 3600) / took);
  stdout.write(`seed ${seed}: ${hours} h in ${took.toFixed(1)} s, ${speed} times real time\n`);
  stdout.write(`  ${JSON.stringify({ ...report, broken: report.broken.slice(0, 10) })}\n`);
}
exit(broken > 0 ? 1 : 0);
