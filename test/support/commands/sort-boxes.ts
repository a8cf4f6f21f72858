import { argv, exit, stdout } from "node:process";
import { parseArgs } from "node:util";
import { simulateJobs } from "../jobs/job-simulation.ts";

/**
 * `npm run sim:jobs -- [--boxes N] [--seed N] [--seeds COUNT] [--arm-kills SECONDS] [--master-kills SECONDS] [--losses SHARE]`:
 * ends with 1 where a promise was broken.
 */
const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    boxes: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    "arm-kills": { type: "string", default: "40" },
    "master-kills": { type: "string", default: "30" },
    losses: { type: "string", default: "0.002" },
  },
});
let broken = 0;
for (let seed = Number(values.seed); seed < Number(values.seed) + Number(values.seeds); seed++) {
  const report = await simulateJobs({
    seed,
    boxes: Number(values.boxes),
    armKills: Number(values["arm-kills"]),
    masterKills: Number(values["master-kills"]),
    losses: Number(values.losses),
  });
  broken += report.broken.length;
  stdout.write(`${JSON.stringify({ ...report, broken: report.broken.slice(0, 10) })}\n`);
}
exit(broken > 0 ? 1 : 0);
