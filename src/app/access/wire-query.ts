import type { RtuOverTcpLineSettings, SerialLineSettings } from "../../config/plant/plant.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { BAUD_RATES, DEFAULT_FORMAT, nearestRate, type Parity, type SerialFormat } from "../../modbus/serial-format.ts";

/** What the part after `?` of an rtu target says. */
export interface WireQuery {
  readonly format: SerialFormat;
  /** The adapter hears what it sends. */
  readonly echo: boolean;
  readonly driver: SerialLineSettings["driver"];
}

const PARITY_WORDS: ReadonlyMap<string, Parity> = new Map([
  ["even", "even"],
  ["e", "even"],
  ["odd", "odd"],
  ["o", "odd"],
  ["none", "none"],
  ["n", "none"],
]);

const KEYS = ["baud", "parity", "stop", "echo", "driver"];

/** Reads `baud=9600&parity=none&stop=2&echo=yes&driver=tty`, each left out or not; the failure is a sentence. */
export function parseWireQuery(text: string): Result<WireQuery, string> {
  const words = new Map(new URLSearchParams(text));
  const unknown = [...words.keys()].find((key) => !KEYS.includes(key));
  if (unknown !== undefined) return err(`"${unknown}" says nothing about a wire; there are ${KEYS.join(", ")}`);
  const baudRate = Number(words.get("baud") ?? DEFAULT_FORMAT.baudRate);
  if (!BAUD_RATES.includes(baudRate)) {
    const nearest = Number.isFinite(baudRate) ? `; the nearest is ${nearestRate(baudRate)}` : "";
    return err(`baud=${words.get("baud")} is no baud rate${nearest}`);
  }
  const parity = PARITY_WORDS.get(words.get("parity")?.toLowerCase() ?? DEFAULT_FORMAT.parity);
  if (!parity) return err(`parity=${words.get("parity")} is none of even, odd, none`);
  const stop = words.get("stop") ?? "1";
  if (stop !== "1" && stop !== "2") return err(`stop=${stop} is neither 1 nor 2`);
  const driver = words.get("driver") ?? "serialport";
  if (driver !== "serialport" && driver !== "tty") return err(`driver=${driver} is neither serialport nor tty`);
  const echo = words.get("echo") ?? "no";
  if (echo !== "yes" && echo !== "no") return err(`echo=${echo} is neither yes nor no`);
  return ok({ format: { baudRate, parity, stopBits: stop === "2" ? 2 : 1 }, echo: echo === "yes", driver });
}

/** The format always, the rest where it differs from what is taken without it. */
export function formatWireQuery(target: SerialLineSettings | RtuOverTcpLineSettings): string {
  const { baudRate, parity, stopBits } = target.format;
  const words = [`baud=${baudRate}`, `parity=${parity}`];
  if (stopBits === 2) words.push("stop=2");
  if (target.localEcho) words.push("echo=yes");
  if (target.kind === "serial" && target.driver === "tty") words.push("driver=tty");
  return `?${words.join("&")}`;
}
