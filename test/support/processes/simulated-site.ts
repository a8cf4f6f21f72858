import { type PlantSimulation, simulatePlant } from "../../../simulators/plant-simulation.ts";
import type { TagMemory } from "../../../simulators/memory/tag-memory.ts";
import { embeddedBroker, type EmbeddedBroker } from "../../../src/app/demo/embedded-broker.ts";
import { formatIssues } from "../../../src/config/source/config-issue.ts";
import { loadPlant } from "../../../src/config/plant/load-plant.ts";
import type { Plant } from "../../../src/config/plant/plant.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { seededRandom } from "../../../src/kit/random.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { freePort } from "./free-port.ts";
import type { Program } from "./program.ts";
import { MqttListener } from "../mqtt/mqtt-listener.ts";
import { Site, SITE_ROOT, siteSettings } from "./takt.ts";

/** The topics of the site's one device. */
export const BELT = `${SITE_ROOT}/belt`;

/** A broker on the loopback interface. */
export type SiteBroker = Pick<EmbeddedBroker, "port" | "close">;

/** A site with one simulated conveyor, seen from both ends: what it holds and was written, and what is published. */
export class SimulatedSite {
  readonly site: Site;
  readonly plant: Plant;
  readonly broker: SiteBroker;
  readonly listener: MqttListener;
  readonly simulation: PlantSimulation;
  /** Every tag that a master wrote, in order. */
  readonly writes: string[] = [];
  #takt: Program | undefined;

  private constructor(parts: Pick<SimulatedSite, "site" | "plant" | "broker" | "listener" | "simulation">) {
    this.site = parts.site;
    this.plant = parts.plant;
    this.broker = parts.broker;
    this.listener = parts.listener;
    this.simulation = parts.simulation;
    for (const tag of WRITABLE) this.belt.onWrite([tag], () => this.writes.push(tag));
  }

  /** With the embedded broker unless another one is given. */
  static async start(given?: SiteBroker): Promise<SimulatedSite> {
    const broker = given ?? (await embeddedBroker(0));
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const site = await Site.create({ "plant.yaml": plantAt(await freePort()), "settings.yaml": siteSettings(url) });
    const plant = loadPlant(site.path("plant.yaml"));
    if (!plant.ok) throw new Error(formatIssues(plant.failure));
    const simulation = await simulatePlant({
      lines: plant.value.lines.values(),
      devices: plant.value.devices.values(),
      clock: systemClock,
      random: seededRandom(1),
      logger: silentLogger,
    });
    const listener = await MqttListener.connect(url, { protocolVersion: 4 });
    return new SimulatedSite({ site, plant: plant.value, broker, listener, simulation });
  }

  get belt(): TagMemory {
    return this.simulation.device("belt").memory;
  }

  /** The content of the first message of a topic after the ones heard before `from`, among those that `fit`. */
  async told(topic: string, fits: (content: Content) => boolean = () => true, from = 0): Promise<Content> {
    const { text } = await this.listener.message((heard) => {
      if (heard.topic !== topic || this.listener.heard.indexOf(heard) < from) return false;
      return fits(JSON.parse(heard.text) as Content);
    }, 30_000);
    return JSON.parse(text) as Content;
  }

  /** Waits for a state of the belt in which everything is good. */
  good(from = 0): Promise<Content> {
    return this.told(`${BELT}/state`, ({ bad }) => bad === undefined, from);
  }

  /** Starts `takt run` and waits until everything is good. It ends with the site at the latest. */
  async run(...options: readonly string[]): Promise<Program> {
    const from = this.listener.heard.length;
    this.#takt = this.site.run(...options);
    await this.good(from);
    return this.#takt;
  }

  /** Kills the takt that was started last. */
  async kill(): Promise<void> {
    await this.#takt?.kill();
  }

  async command(id: string, set: Readonly<Record<string, unknown>>): Promise<Content> {
    await this.listener.client.publishAsync(`${BELT}/cmd/set`, JSON.stringify({ id, set }), { qos: 1 });
    return this.told(`${BELT}/res/${id}`);
  }

  async dispose(): Promise<void> {
    await this.kill();
    await this.listener.end();
    await this.simulation.close();
    await this.broker.close();
    await this.site.dispose();
  }
}

export type Content = Readonly<Record<string, unknown>>;

const WRITABLE = ["run", "jog", "holdAtExit", "resetFault", "speedSetpoint", "masterAlive", "watchdogTimeout"];

const plantAt = (port: number): string => `plant: one-belt
lines:
  hall: { tcp: { host: 127.0.0.1, port: ${port} }, roundTrip: 1ms }
devices:
  belt: { profile: takt/conveyor, line: hall, unit: 1 }
`;
