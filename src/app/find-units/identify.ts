import type { Ms } from "../../kit/time.ts";
import type { Answer } from "../../modbus/request.ts";
import type { Access } from "../access/access.ts";

/** What a unit says of itself, as far as it speaks FC 43 / 14 or FC 17. */
export interface Identity {
  /** By object: 0 vendor, 1 product code, 2 revision, and what a regular device adds (6.21). */
  readonly objects: ReadonlyMap<number, string>;
  readonly serverId: ServerId | undefined;
}

export interface ServerId {
  readonly id: number;
  readonly running: boolean;
  readonly data: Uint8Array;
}

/** The names of the standard objects (Modbus Application Protocol V1.1b3, 6.21). */
export const OBJECT_NAMES: ReadonlyMap<number, string> = new Map([
  [0, "vendor"],
  [1, "productCode"],
  [2, "revision"],
  [3, "vendorUrl"],
  [4, "productName"],
  [5, "modelName"],
  [6, "application"],
]);

/** Asks for both; a unit that does not know a function is not asked twice. */
export async function identify(access: Access, unit: number, timeout: Ms): Promise<Identity> {
  const answer = async (request: Parameters<Access["ask"]>[1]): Promise<Answer | undefined> => {
    const outcome = await access.ask(unit, request, timeout);
    return outcome.ok ? outcome.value.answer : undefined;
  };
  const regular = await answer({ fc: 43, category: 2, objectId: 0 });
  const basic = regular ?? (await answer({ fc: 43, category: 1, objectId: 0 }));
  const server = await answer({ fc: 17 });
  return {
    objects: basic?.kind === "identification" ? basic.objects : new Map(),
    serverId: server?.kind === "serverId" ? server : undefined,
  };
}
