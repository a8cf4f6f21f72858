import { argv, exit, stdout } from "node:process";
import { parseArgs } from "node:util";
import { commandHours } from "../scan/command-hours.ts";

/** `npm run sim:commands -- [--seed N] [--seeds COUNT] [--hours H]`: ends with 1 where a promise was broken. */
const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    hours: { type: "string", default: "1" },
  },
});
let broken = 0;
for (let seed = Number(values.seed); seed < Number(values.seed) + Number(values.seeds); seed++) {
  const report = await commandHours({ seed, hours: Number(values.hours) });
  broken += report.broken.length;
  stdout.write(`seed ${seed}: ${JSON.stringify({ ...report, broken: report.broken.slice(0, 10) })}\n`);
}
exit(broken > 0 ? 1 : 0);
