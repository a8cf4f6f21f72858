import { countingBridge } from "./counting-bridge.ts";

/** Counts up from `first`, until it is killed; prints every value once it and all before it are on the disk. */
const [folder = "", url = "", first = "1"] = process.argv.slice(2);
const { count, outbox } = await countingBridge(folder, url);
let value = Number(first) - 1;
let told = value;
setInterval(() => {
  if (outbox.counters().unstored === 0 && value > told) {
    told = value;
    console.log(String(value));
  }
  count(++value);
}, 5);
