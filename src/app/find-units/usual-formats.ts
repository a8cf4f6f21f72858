import type { Parity, SerialFormat } from "../../modbus/serial-format.ts";

const RATES = [9600, 19_200, 38_400, 115_200, 57_600, 4800, 2400, 1200, 230_400];
const PARITIES: readonly Parity[] = ["even", "none", "odd"];

/**
 * The formats that devices are found with, the likeliest first. Stop bits are not tried: a slave of two takes frames with
 * one, and its own are heard with one as well.
 */
export const USUAL_FORMATS: readonly SerialFormat[] = RATES.flatMap((baudRate) =>
  PARITIES.map((parity): SerialFormat => ({ baudRate, parity, stopBits: 1 })),
);
