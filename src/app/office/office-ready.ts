import type { Recalled } from "../../link/messages.ts";

/** What the office worker tells its parent once it listens to the link. */
export interface OfficeReady {
  readonly recalled: Recalled;
}
