import { argv, stdout } from "node:process";
import { fuzzRtuFramer } from "../serial/rtu-fuzz.ts";

/** `npm run fuzz:rtu [count] [seed]` */
const count = Number(argv[2] ?? 10_000_000);
const seed = Number(argv[3] ?? Date.now() % 1_000_000);
const share = 100_000;
for (let done = 0; done < count; done += share) {
  const report = fuzzRtuFramer(Math.min(share, count - done), seed + done);
  stdout.write(`seed ${seed + done}: ${JSON.stringify(report)}\n`);
}
