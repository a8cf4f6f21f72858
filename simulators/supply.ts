import type { SimulatedDevice } from "./simulated-device.ts";
import type { Model } from "./models/model.ts";

/** Lets the processes feel it when the supply of their devices is cut, and when it is back. */
export function connectSupply(devices: Iterable<SimulatedDevice>, models: ReadonlyMap<string, Model>): void {
  for (const device of devices) {
    const model = models.get(device.name);
    device.onPower = (isOn) => {
      if (isOn) model?.powerOn?.();
      else model?.powerCut?.();
    };
  }
}
