import type { Clock } from "../../kit/clock.ts";
import type { Random } from "../../kit/random.ts";
import { findMaster } from "../control/find-master.ts";
import type { Access } from "./access.ts";
import { DirectAccess } from "./direct-access.ts";
import { MasterAccess } from "./master-access.ts";
import type { Target } from "./target.ts";

export interface AccessOptions {
  /** Past a running master, which may lose its connection to a device that allows only one. */
  readonly direct: boolean;
  /** Where running masters put their control sockets. */
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly warn: (text: string) => void;
}

/** The way to `target`: through the running master that owns it, or else a connection of our own. */
export async function openAccess(target: Target, options: AccessOptions): Promise<Access> {
  const master = options.direct ? undefined : await findMaster(target, options);
  return master ? new MasterAccess(master) : new DirectAccess(target, options.clock, options.random);
}
