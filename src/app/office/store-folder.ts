import { homedir } from "node:os";
import { join } from "node:path";

/** Where a master keeps what has to outlive a restart unless a setting says otherwise; masters are told apart by name. */
export function defaultStoreFolder(env: Readonly<Record<string, string | undefined>>, gateway: string): string {
  const service = env["STATE_DIRECTORY"];
  if (service) return service;
  return join(env["XDG_STATE_HOME"] ?? join(homedir(), ".local", "state"), "takt", gateway);
}
