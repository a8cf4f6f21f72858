import { readFileSync } from "node:fs";
import { packageFile } from "../../config/source/package-file.ts";

/** The version in takt's own package.json. */
export function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(packageFile("package.json"), "utf8"));
  const version =
    typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : undefined;
  return typeof version === "string" ? version : "unknown";
}
