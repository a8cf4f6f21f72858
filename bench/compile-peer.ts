import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Compiles peers/<name>.c into `folder`; returns the program's path. Needs gcc and libmodbus-dev. */
export function compilePeer(name: string, folder: string): string {
  const program = join(folder, name);
  const source = fileURLToPath(new URL(`peers/${name}.c`, import.meta.url));
  execFileSync("gcc", ["-O2", "-I/usr/include/modbus", "-o", program, source, "-lmodbus", "-lutil"]);
  return program;
}
