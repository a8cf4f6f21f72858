import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Programs and libraries none of us wrote, which the peer tests measure takt against. */
const PEERS = {
  mbpoll: () => programPath("mbpoll") !== undefined,
  mosquitto: () => programPath("mosquitto") !== undefined,
  openssl: () => programPath("openssl") !== undefined,
  mosquitto_sub: () => programPath("mosquitto_sub") !== undefined,
  mosquitto_pub: () => programPath("mosquitto_pub") !== undefined,
  socat: () => programPath("socat") !== undefined,
  systemd: () => ["systemd-notify", "systemd-analyze"].every((each) => programPath(each) !== undefined),
  python: () => isReadable(PYTHON, constants.X_OK),
  tshark: () => programPath("tshark") !== undefined,
  libmodbus: () => programPath("gcc") !== undefined && isReadable("/usr/include/modbus/modbus.h"),
  pymodbus: () => spawnSync(PYTHON, ["-c", "import pymodbus"], { stdio: "ignore" }).status === 0,
} as const satisfies Record<string, () => boolean>;

export type PeerName = keyof typeof PEERS;

/** Debian's python3-pymodbus is for this interpreter, not for another python on the PATH. */
export const PYTHON = "/usr/bin/python3";

/**
 * A `before` hook: skips the suite by name when one of `names` is not on this machine, or fails it when
 * `TAKT_REQUIRE_PEERS=1` says that every peer has to be there.
 *
 *     describe("mbpoll reads the simulators", () => {
 *       before(peer("mbpoll"));
 */
export function peer(...names: readonly PeerName[]): Mocha.Func {
  return function (this: Mocha.Context): void {
    const missing = names.filter((name) => !isPresent(name));
    if (missing.length === 0) return;
    if (process.env["TAKT_REQUIRE_PEERS"] === "1") throw new Error(`peer not installed: ${missing.join(", ")}`);
    this.skip();
  };
}

const known = new Map<PeerName, boolean>();

function isPresent(name: PeerName): boolean {
  const present = known.get(name) ?? PEERS[name]();
  known.set(name, present);
  return present;
}

/** The absolute path of an installed program; Debian keeps servers in /usr/sbin, which is not on everyone's PATH. */
export function programPath(program: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/bin"];
  return folders.map((folder) => join(folder, program)).find((path) => isReadable(path, constants.X_OK));
}

function isReadable(path: string, mode = constants.R_OK): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
