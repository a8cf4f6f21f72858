import type { LineFault } from "./faults/fault.ts";
import { faultHelp, formatFault, parseFault } from "./faults/fault-words.ts";
import { isFaultKind } from "./faults/fault.ts";
import type { PlantSimulation } from "./plant-simulation.ts";

const HELP = [
  "fault <device> <kind> …       something goes wrong at one device",
  "fault line <line> <kind> …    at all units of a line",
  "heal <device> | line <line> [kind] | all",
  "list                          what is wrong now",
  "help",
  "Behind a kind may stand how often: a share of the transactions (0.1, 10%), a number of them (3x).",
  "  silent                                   the device takes no request",
  "  frozen                                   it answers, and its process stands still",
  "  off                                      its supply is cut, until it is healed",
];

/** What somebody types to make a simulated plant misbehave; the answer is for whoever typed. */
export class FaultConsole {
  readonly #simulation: PlantSimulation;

  constructor(simulation: PlantSimulation) {
    this.#simulation = simulation;
  }

  command(text: string): string {
    const [verb = "", ...words] = text.trim().split(/\s+/);
    try {
      switch (verb) {
        case "":
          return "";
        case "fault":
          return this.#fault(words);
        case "heal":
          return this.#heal(words);
        case "list":
          return this.#list();
        case "help":
          return [...HELP, ...faultHelp()].join("\n");
        default:
          return `unknown command "${verb}"; fault, heal, list and help are known`;
      }
    } catch (error) {
      // A fault that cannot be on such a line.
      if (error instanceof RangeError) return error.message;
      throw error;
    }
  }

  #fault([target = "", ...words]: readonly string[]): string {
    if (target === "line") {
      const [name = "", ...rest] = words;
      if (!this.#simulation.lines.includes(name)) return unknown("line", name, this.#simulation.lines);
      return this.#lineFault(name, rest[0] === "silent" ? ["lost", ...rest.slice(1)] : rest, {});
    }
    if (!this.#simulation.devices.includes(target)) return unknown("device", target, this.#simulation.devices);
    const device = this.#simulation.device(target);
    const [kind] = words;
    if ((kind === "silent" || kind === "frozen" || kind === "off") && words.length === 1) {
      device.fault({ kind });
      return `${target}: ${kind}`;
    }
    return this.#lineFault(device.line, words, { unit: device.unit });
  }

  #lineFault(line: string, words: readonly string[], aim: { readonly unit?: number }): string {
    const fault = parseFault(words);
    if (!fault.ok) return fault.failure;
    this.#simulation.line(line).fault({ ...fault.value, ...aim });
    return describe(line, { ...fault.value, ...aim });
  }

  #heal([target = "", name = "", kind]: readonly string[]): string {
    if (target === "all") {
      for (const device of this.#simulation.devices) this.#simulation.device(device).heal();
      for (const line of this.#simulation.lines) this.#simulation.line(line).heal();
      return "nothing is wrong";
    }
    if (target !== "line") {
      if (!this.#simulation.devices.includes(target)) return unknown("device", target, this.#simulation.devices);
      const device = this.#simulation.device(target);
      device.heal();
      this.#simulation.line(device.line).heal({ unit: device.unit });
      return `${target} is well`;
    }
    if (!this.#simulation.lines.includes(name)) return unknown("line", name, this.#simulation.lines);
    if (kind !== undefined && !isFaultKind(kind)) return `unknown fault "${kind}"`;
    this.#simulation.line(name).heal(kind === undefined ? {} : { kind });
    return `line ${name} is well${kind === undefined ? "" : ` of ${kind}`}`;
  }

  #list(): string {
    const devices = this.#simulation.devices.flatMap((name) => {
      const fault = this.#simulation.device(name).currentFault;
      return fault ? [`${name}: ${fault.kind}`] : [];
    });
    const lines = this.#simulation.lines.flatMap((name) =>
      this.#simulation
        .line(name)
        .faults()
        .map((fault) => describe(name, fault)),
    );
    return [...devices, ...lines].join("\n") || "nothing is wrong";
  }
}

function describe(line: string, fault: LineFault): string {
  return `line ${line}${fault.unit === undefined ? "" : `, unit ${fault.unit}`}: ${formatFault(fault)}`;
}

function unknown(what: string, name: string, known: readonly string[]): string {
  return `unknown ${what} "${name}"; known: ${known.join(", ")}`;
}
