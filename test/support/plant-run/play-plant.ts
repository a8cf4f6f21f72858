import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { precisePacer } from "../../../simulators/serial/pacer.ts";
import { servePty } from "../../../simulators/serial/pty-end.ts";
import { openLine } from "../../../src/bus/open-line.ts";
import type { SerialLineSettings } from "../../../src/config/plant/plant.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import type { Ms } from "../../../src/kit/time.ts";
import { slavesOnWire } from "./line-site.ts";
import type { Mishap } from "./mishaps.ts";
import { plantOfSeed, WIRE } from "./plant-of-seed.ts";
import type { PlantReport } from "./plant-run.ts";
import { PlantSite } from "./plant-site.ts";

/** The same in real time, over a pseudo-terminal and a real driver. Needs socat. */
export async function playPlant(seed: number, span: Ms, driver: SerialLineSettings["driver"]): Promise<PlantReport> {
  const clock = systemClock;
  const pacer = precisePacer(clock);
  const site = new PlantSite({ plant: plantOfSeed(seed), seed, clock });
  const slaves = [...site.slaves.values()];
  const random = site.chance("line");
  const { bus, faults } = slavesOnWire({ slaves, random, pace: "chance" }, WIRE.format, pacer);
  const folder = await mkdtemp(join(tmpdir(), "takt-plant-"));
  const pty = await servePty({ path: join(folder, "port"), end: bus.connect(), logger: silentLogger });
  let plugging = Promise.resolve();
  const replug: Mishap = () => {
    plugging = pty.replug();
    return () => undefined;
  };
  const devices = slaves.map(({ device }) => device);
  const settings = { ...WIRE, adapter: { path: pty.path }, driver };
  const unitWindows = new Map(devices.map(({ unit }) => [unit, 1]));
  const line = openLine(settings, { unitWindows, clock, random, logger: silentLogger });
  try {
    return await site
      .run([{ line, devices, faults, mishaps: [replug], close: () => undefined }])
      .run(span, (share) => pass(share));
  } finally {
    await plugging;
    await pty.close();
    bus.close();
    await rm(folder, { recursive: true });
  }
}

function pass(span: Ms): Promise<void> {
  return new Promise((resolve) => systemClock.after("a real plant", span, resolve));
}
