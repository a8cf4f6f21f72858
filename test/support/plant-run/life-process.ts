import { type SimulatedCase, simulatePlant } from "./simulate-plant.ts";

/** Started by {@link simulateAll}: lives one life after the other as it is told them, and says what became of each. */
process.on("message", (life) => {
  simulatePlant(life as SimulatedCase).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(1);
    },
  );
});
