import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";
import { levelDisk } from "../../../src/store/level-disk.ts";
import { Store } from "../../../src/store/store.ts";

/**
 * Writes numbered jobs into the store of a folder, and prints each number once it is acknowledged, until it is killed.
 * Every third is durable; several are under way at a time.
 */
const [folder = "", first = "0"] = process.argv.slice(2);
const store = new Store({ folder, kind: levelDisk, clock: systemClock, tell: (event) => console.log(event) });
const { state } = await store.open(ms(5000));
console.log(state);
let next = Number(first);
await Promise.all(Array.from({ length: 8 }, write));

async function write(): Promise<void> {
  for (;;) {
    const number = next++;
    const key = String(number).padStart(9, "0");
    const change = { shelf: "jobs", key, value: { number, text: "x".repeat(number % 500) } } as const;
    const stored = await store.write([change], { durable: number % 3 === 0, within: ms(5000) });
    if (stored.ok) console.log(number);
  }
}
