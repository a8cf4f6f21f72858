import { systemRandom } from "../../kit/random.ts";
import { systemClock } from "../../kit/system-clock.ts";
import { defaultRuntimeFolder } from "../control/runtime-folder.ts";
import type { Terminal } from "../process/terminal.ts";
import type { Access } from "./access.ts";
import { openAccess } from "./open-access.ts";
import type { Target } from "./target.ts";

/** The way a command goes to `target`; `use` gets it, and it is closed whatever happens. */
export async function withAccess<T>(
  target: Target,
  { direct, terminal }: { readonly direct: boolean; readonly terminal: Terminal },
  use: (access: Access) => Promise<T>,
): Promise<T> {
  const access = await openAccess(target, {
    direct,
    folder: defaultRuntimeFolder(process.env),
    clock: systemClock,
    random: systemRandom,
    warn: terminal.err,
  });
  try {
    return await use(access);
  } finally {
    await access.close();
  }
}
