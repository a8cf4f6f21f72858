import { err } from "../../kit/result.ts";
import { type Ms, ms } from "../../kit/time.ts";
import type { AccessOutcome } from "../../link/messages.ts";
import type { Request } from "../../modbus/request.ts";
import { accessOutcome } from "../control/control-message.ts";
import type { FoundMaster } from "../control/find-master.ts";
import { LONGEST_TIMEOUT } from "../control/read-control-request.ts";
import type { Access } from "./access.ts";

/** Beyond the unit's own time: the queue of the line, and a pause of the master's. */
const MASTER_TIME = ms(8000);

/** Through the master that owns the endpoint. */
export class MasterAccess implements Access {
  readonly through: string;
  readonly #master: FoundMaster;

  constructor(master: FoundMaster) {
    const { identity, line } = master;
    this.#master = master;
    this.through = `through the running master (pid ${identity.pid}, plant ${identity.plant}, line ${line.name})`;
  }

  async ask(unit: number, request: Request, wanted: Ms): Promise<AccessOutcome> {
    const { client, line } = this.#master;
    const timeout = ms(Math.min(LONGEST_TIMEOUT, wanted));
    const access = { line: line.name, unit, timeout, request };
    const reply = await client.ask({ access }, ms(timeout + MASTER_TIME));
    if (!reply.ok) return err({ kind: "lineLost", reason: reply.failure.reason });
    if ("accessed" in reply.value) return accessOutcome(reply.value.accessed);
    return err({
      kind: "denied",
      reason: "error" in reply.value ? reply.value.error : "the master replies to something else",
    });
  }

  async close(): Promise<void> {
    this.#master.client.close();
  }
}
