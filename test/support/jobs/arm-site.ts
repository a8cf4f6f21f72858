import { readFileSync } from "node:fs";
import { type PlantSimulation, simulatePlant } from "../../../simulators/plant-simulation.ts";
import { embeddedBroker } from "../../../src/app/demo/embedded-broker.ts";
import { formatIssues } from "../../../src/config/source/config-issue.ts";
import { loadPlant } from "../../../src/config/plant/load-plant.ts";
import type { Plant } from "../../../src/config/plant/plant.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { seededRandom } from "../../../src/kit/random.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { freePort } from "../processes/free-port.ts";
import type { SiteBroker } from "../processes/simulated-site.ts";
import { Site, siteSettings } from "../processes/takt.ts";

/** A job as an arm wrote it down when it accepted it. */
export interface ArmEntry {
  readonly arm: string;
  readonly command: string;
  /** The job's one parameter, by which the test knows it again. */
  readonly box: number;
  ended: string | undefined;
}

/** The mailbox's `carry` with a number of its own in the mail: the arm ignores it and the judge reads it. */
function numberedArm(): string {
  const profile = readFileSync(new URL("../../../devices/takt/robot-arm.yaml", import.meta.url), "utf8");
  const numbered = profile.replace("carry: { within: 60s }", "carry: { parameters: [box], within: 60s }");
  if (numbered === profile) throw new Error("the profile of the arm has another carry");
  return numbered;
}

const plantAt = (port: number, arms: number): string => {
  const names = Array.from({ length: arms }, (_, index) => `picker${index + 1}`);
  const devices = names.map(
    (name, index) => `  ${name}: { profile: takt/robot-arm, line: cell, unit: ${index + 1} }\n`,
  );
  return `plant: pickers
lines:
  cell: { tcp: { host: 127.0.0.1, port: ${port} }, window: 4, roundTrip: 1ms }
devices:
${devices.join("")}pools:
  pickers: [${names.join(", ")}]
`;
};

/** A site with a pool of simulated arms that live on whatever becomes of their master, and what they wrote down. */
export class ArmSite {
  readonly site: Site;
  readonly plant: Plant;
  readonly broker: SiteBroker;
  readonly simulation: PlantSimulation;
  /** In the order in which jobs were accepted; voids are no jobs. */
  readonly entries: readonly ArmEntry[];

  private constructor(parts: Pick<ArmSite, "site" | "plant" | "broker" | "simulation" | "entries">) {
    this.site = parts.site;
    this.plant = parts.plant;
    this.broker = parts.broker;
    this.simulation = parts.simulation;
    this.entries = parts.entries;
  }

  static async start({ arms = 2, broker: given }: { arms?: number; broker?: SiteBroker } = {}): Promise<ArmSite> {
    const broker = given ?? (await embeddedBroker(0));
    const site = await Site.create({
      "plant.yaml": plantAt(await freePort(), arms),
      "devices/takt/robot-arm.yaml": numberedArm(),
      "settings.yaml": siteSettings(`mqtt://127.0.0.1:${broker.port}`),
    });
    const plant = loadPlant(site.path("plant.yaml"));
    if (!plant.ok) throw new Error(formatIssues(plant.failure));
    const entries: ArmEntry[] = [];
    const simulation: PlantSimulation = await simulatePlant({
      lines: plant.value.lines.values(),
      devices: plant.value.devices.values(),
      clock: systemClock,
      random: seededRandom(1),
      logger: silentLogger,
      armLog(arm, entry) {
        if (entry.kind === "accepted") {
          const parameters = simulation.device(arm).memory.get("jobParameters");
          const box = typeof parameters === "object" ? Number(parameters[0]) : Number.NaN;
          if (entry.command !== "none") entries.push({ arm, command: entry.command, box, ended: undefined });
          return;
        }
        const last = entries.findLast((each) => each.arm === arm);
        if (last && entry.kind === "ended") last.ended = entry.result;
      },
    });
    for (const name of plant.value.devices.keys()) {
      const { memory } = simulation.device(name);
      memory.set("auto", false);
      // Their watchdogs outlast a master that is started again.
      memory.set("watchdogTimeout", 60);
    }
    return new ArmSite({ site, plant: plant.value, broker, simulation, entries });
  }

  async dispose(): Promise<void> {
    await this.simulation.close();
    await this.broker.close();
    await this.site.dispose();
  }
}
