import type { Device } from "../../device/profile.ts";
import type { Publication } from "../broker/broker.ts";
import { type DiscoveryContext, discoveryId, discoveryPayload } from "./discovery-payload.ts";
import type { ToldTopics } from "./told-topics.ts";

export interface DiscoveryOptions extends DiscoveryContext {
  /** `homeassistant`, unless that Home Assistant was told otherwise. */
  readonly prefix: string;
  /** None where Home Assistant is not to know of any. */
  readonly devices: readonly Device[];
}

/** What Home Assistant is told of the devices: all on every connection; of those that are gone, once, that they are. */
export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #told: ToldTopics;
  readonly #topics: ReadonlyMap<string, Device>;
  readonly #gone: Set<string>;

  private constructor(options: DiscoveryOptions, told: ToldTopics, earlier: readonly string[]) {
    this.#options = options;
    this.#told = told;
    const { prefix, identity, devices } = options;
    this.#topics = new Map(
      devices.map((device) => [`${prefix}/device/${discoveryId(identity, device.name)}/config`, device]),
    );
    this.#gone = new Set(earlier.filter((topic) => !this.#topics.has(topic)));
    if (earlier.length > 0 || this.#topics.size > 0) this.#remember();
  }

  static async open(options: DiscoveryOptions, told: ToldTopics): Promise<Discovery> {
    return new Discovery(options, told, await told.load());
  }

  /** What a broker that is there (again) has to keep. An empty message takes away what it keeps. */
  publications(): readonly Publication[] {
    const removals = [...this.#gone].map((topic) => ({ topic, payload: "", qos: 1, retain: true }) as const);
    const configs = Array.from(this.#topics, ([topic, device]) => {
      return { topic, payload: discoveryPayload(device, this.#options), qos: 1, retain: true } as const;
    });
    return [...removals, ...configs];
  }

  /** The broker has it. */
  settled({ topic, payload }: Publication): void {
    if (payload === "" && this.#gone.delete(topic)) this.#remember();
  }

  /** Of whatever the broker may keep. */
  #remember(): void {
    this.#told.save([...this.#gone, ...this.#topics.keys()]);
  }
}
