/** Units of which Home Assistant knows what they measure, where only one thing has that unit (its sensor integration, "device class"). */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  apparent_power: ["VA", "kVA"],
  current: ["A", "mA"],
  distance: ["km", "m", "cm", "mm"],
  duration: ["d", "h", "min", "s", "ms"],
  energy: ["Wh", "kWh", "MWh"],
  frequency: ["Hz", "kHz", "MHz", "GHz"],
  illuminance: ["lx"],
  power: ["mW", "W", "kW", "MW"],
  pressure: ["Pa", "hPa", "kPa", "mbar", "bar", "psi"],
  reactive_power: ["var", "kvar"],
  speed: ["m/s", "mm/s", "km/h"],
  temperature: ["°C", "°F", "K"],
  voltage: ["V", "mV", "kV"],
  weight: ["kg", "g", "mg", "t"],
};

const BY_UNIT = new Map(Object.entries(CLASSES).flatMap(([name, units]) => units.map((unit) => [unit, name] as const)));

/** Undefined: the unit alone does not say. */
export function deviceClassOf(unit: string): string | undefined {
  return BY_UNIT.get(unit);
}
