import type { SimulationLine } from "../../simulators/plant-simulation.ts";
import type { Plant } from "../config/plant.ts";

/** The lines of a plant that can be simulated: those of Modbus/TCP. */
export function simulationLines({ lines }: Plant): readonly SimulationLine[] {
  return [...lines.values()].flatMap((line) => (line.kind === "tcp" ? [line] : []));
}
