import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { PlantReport } from "./plant-run.ts";
import type { SimulatedCase } from "./simulate-plant.ts";

const PROCESS = fileURLToPath(new URL("life-process.ts", import.meta.url));

/**
 * Lives many lives, one at a time in each of `processes`, by default as many as this machine runs at once; `told` hears what became
 * of each as it ends. Throws what goes wrong in a process, with the seed it was at.
 */
export async function simulateAll(
  lives: readonly SimulatedCase[],
  told: (life: SimulatedCase, report: PlantReport) => void,
  processes = availableParallelism(),
): Promise<void> {
  const left = lives.values();
  const children = Array.from({ length: Math.min(processes, lives.length) }, () =>
    fork(PROCESS, { execArgv: ["--import", "tsx"] }),
  );
  try {
    await Promise.all(
      children.map(async (child) => {
        for (const life of left) told(life, await lived(child, life));
      }),
    );
  } finally {
    await Promise.all(children.map(ended));
  }
}

function lived(child: ChildProcess, life: SimulatedCase): Promise<PlantReport> {
  return new Promise((resolve, reject) => {
    const died = (how: unknown): void => reject(new Error(`the process of seed ${life.seed} ended: ${String(how)}`));
    child.once("exit", died);
    child.once("message", (report) => {
      child.off("exit", died);
      resolve(report as PlantReport);
    });
    child.send(life);
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}
