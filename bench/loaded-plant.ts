import { fileURLToPath } from "node:url";
import { loadPlant } from "../src/config/plant/load-plant.ts";
import type { LineSettings, Plant } from "../src/config/plant/plant.ts";
import { benchPlant, type BenchPlantOptions } from "./bench-plant.ts";

const COPIES = 10;

/** The demo plant, ten times. */
export function tenfoldDemo(): Plant {
  const loaded = loadPlant(fileURLToPath(new URL("../config/demo/plant.yaml", import.meta.url)));
  if (!loaded.ok) throw new Error(loaded.failure.map((issue) => issue.message).join("; "));
  const demo = loaded.value;
  const copies = Array.from({ length: COPIES }, (_, copy) => copy);
  const named = <T extends { readonly name: string }>(each: T, copy: number): T => ({
    ...each,
    name: `${each.name}-${copy}`,
  });
  const lines = copies.flatMap((copy) => [...demo.lines.values()].map((line) => named(line, copy)));
  const devices = copies.flatMap((copy) =>
    [...demo.devices.values()].map((device) => ({ ...named(device, copy), line: `${device.line}-${copy}` })),
  );
  return { ...demo, lines: byName(lines), devices: byName(devices), pools: new Map(), programs: [] };
}

/** A slave that is read and written in every cycle, and the tenfold demo on these ports, in the order of its lines. */
export function loadedPlant(slave: BenchPlantOptions, ports: readonly number[]): Plant {
  const one = benchPlant(slave);
  const ten = tenfoldDemo();
  const lines = [...ten.lines.values()].map((line, index) => at(line, ports[index]));
  return {
    ...ten,
    scan: { period: slave.period, classes: new Map([...ten.scan.classes, ...one.scan.classes]) },
    lines: new Map([...one.lines, ...byName(lines)]),
    devices: new Map([...one.devices, ...ten.devices]),
  };
}

function at(line: LineSettings, port: number | undefined): LineSettings {
  if (line.kind === "serial" || port === undefined) throw new Error(`line ${line.name} has no port`);
  return { ...line, port };
}

function byName<T extends { readonly name: string }>(all: readonly T[]): ReadonlyMap<string, T> {
  return new Map(all.map((each) => [each.name, each]));
}
