import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { precisePacer } from "../../../simulators/serial/pacer.ts";
import { servePty } from "../../../simulators/serial/pty-end.ts";
import { openLine } from "../../../src/bus/open-line.ts";
import type { SerialLineSettings } from "../../../src/config/plant.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import type { Ms } from "../../../src/kit/time.ts";
import type { Mishap } from "./mishaps.ts";
import { WIRE } from "./plant-of-seed.ts";
import type { PlantReport } from "./plant-run.ts";
import { PlantSite } from "./plant-site.ts";

/** The same in real time, over a pseudo-terminal and a real driver. Needs socat. */
export async function playPlant(seed: number, span: Ms, driver: SerialLineSettings["driver"]): Promise<PlantReport> {
  const clock = systemClock;
  const site = new PlantSite({ seed, clock, pacer: precisePacer(clock) });
  const folder = await mkdtemp(join(tmpdir(), "takt-plant-"));
  const pty = await servePty({ path: join(folder, "port"), end: site.bus.connect(), logger: silentLogger });
  let plugging = Promise.resolve();
  const replug: Mishap = () => {
    plugging = pty.replug();
    return () => undefined;
  };
  const settings = { ...WIRE, adapter: { path: pty.path }, driver };
  const unitWindows = new Map([...site.slaves.keys()].map((unit) => [unit, 1]));
  const line = openLine(settings, { unitWindows, clock, random: site.random, logger: silentLogger });
  try {
    return await site.run(line, [replug]).run(span, (share) => pass(share));
  } finally {
    await plugging;
    await pty.close();
    site.bus.close();
    await rm(folder, { recursive: true });
  }
}

function pass(span: Ms): Promise<void> {
  return new Promise((resolve) => systemClock.after("a real plant", span, resolve));
}
