import type { CommandResult, SetCommand } from "../../../src/command/command.ts";
import type { Plant } from "../../../src/config/plant/plant.ts";
import type { Device } from "../../../src/device/profile.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import type { Random } from "../../../src/kit/random.ts";
import { type Instant, ms } from "../../../src/kit/time.ts";
import type { HonestSlave } from "./honest-slave.ts";
import { FORBIDDEN } from "./plant-of-seed.ts";

export interface OperatorOptions {
  readonly plant: Plant;
  readonly slaves: ReadonlyMap<string, HonestSlave>;
  readonly clock: Clock;
  readonly random: Random;
  readonly set: (command: SetCommand) => void;
  /** Whether the word of this device counts now. */
  readonly trusted: (device: Device) => boolean;
  readonly accuse: (what: string) => void;
}

const TTL = ms(2000);

/** Sends commands by chance, and looks whether what is answered is true. */
export class Operator {
  readonly outcomes: Record<string, number> = {};
  readonly #options: OperatorOptions;
  readonly #open = new Map<string, Instant>();
  readonly #jogs = new Map<string, number>();
  #count = 0;

  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  /** Commands that have no outcome yet. */
  get open(): readonly string[] {
    return [...this.#open.keys()];
  }

  act(): void {
    const { plant, random, clock, set } = this.#options;
    const devices = [...plant.devices.values()];
    const device = devices[Math.floor(random() * devices.length)];
    const chosen = chosenWrite(random);
    if (!device?.tags.has(chosen[0])) return;
    const id = `c${++this.#count}`;
    this.#open.set(id, clock.now());
    set({ id, device: device.name, set: [chosen], ttl: TTL, receivedAt: clock.now(), origin: "operator" });
  }

  answered({ id, device: name, outcome, results }: CommandResult): void {
    const { plant, accuse } = this.#options;
    const since = this.#open.get(id);
    const device = plant.devices.get(name);
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
    if (since === undefined || !device) return accuse(`${id} ended a second time, ${outcome}`);
    this.#open.delete(id);
    for (const [tag, { outcome: part, sent }] of Object.entries(results)) {
      if (tag === "jog" && sent !== undefined) this.#jogs.set(name, (this.#jogs.get(name) ?? 0) + 1);
      if (part === "verified" && !this.#held(device, tag, since, sent)) accuse(`${id} ${name}/${tag} was not held`);
    }
  }

  /** Every pulse that was sent was carried out once at most. */
  countPulses(): void {
    const { plant, slaves, accuse } = this.#options;
    for (const { name } of plant.devices.values()) {
      const [done, sent] = [slaves.get(name)?.writes("coil", 8) ?? 0, this.#jogs.get(name) ?? 0];
      if (done > sent) accuse(`${name}: ${done} pulses for ${sent} commands`);
    }
  }

  #held(device: Device, name: string, since: Instant, sent: CommandResult["results"][string]["sent"]): boolean {
    const { clock, slaves, trusted } = this.#options;
    const tag = device.tags.get(name);
    if (!trusted(device)) return true;
    return tag !== undefined && slaves.get(device.name)?.showed(tag, sent ?? null, since, clock.now()) === true;
  }
}

function chosenWrite(random: Random): SetCommand["set"][number] {
  const choice = random();
  if (choice < 0.3) return ["run", random() < 0.5];
  if (choice < 0.6) return ["jog", random() < 0.5];
  return [choice < 0.65 ? FORBIDDEN : "speed", Math.floor(random() * 65_536)];
}
