import { err, ok, type Result } from "../../kit/result.ts";
import { type Ms, ms } from "../../kit/time.ts";
import type { AccessFailure } from "../../link/messages.ts";
import type { Request } from "../../modbus/request.ts";
import { type Access, isSilence } from "../access/access.ts";
import { type Identity, identify } from "./identify.ts";

/** A unit that is there. */
export interface FoundUnit {
  readonly unit: number;
  readonly took: Ms;
  /** The exception it answered with; a unit that says no is there as well. */
  readonly exception: number | undefined;
  readonly identity: Identity;
}

export interface Search {
  readonly units: readonly number[];
  readonly timeout: Ms;
  /** Called before each unit is asked. */
  readonly asking: (unit: number, found: readonly FoundUnit[]) => void;
}

export interface SearchFailure {
  readonly failure: AccessFailure;
  /** The units found before. */
  readonly found: readonly FoundUnit[];
}

const PROBE: Request = { fc: 3, address: 0, quantity: 1 };

/** Lost connections after which the endpoint itself is taken to be gone; some close on a unit they do not know. */
const MOST_LOST = 3;

/**
 * Asks every unit for one register. Any answer proves a unit, and so does an exception, except those with which a
 * gateway says that its unit is silent. Ends early only where the endpoint itself cannot be reached.
 */
export async function findUnits(
  access: Access,
  { units, timeout, asking }: Search,
): Promise<Result<readonly FoundUnit[], SearchFailure>> {
  const found: FoundUnit[] = [];
  let lost = 0;
  for (const unit of units) {
    asking(unit, found);
    const outcome = await access.ask(unit, PROBE, timeout);
    lost = !outcome.ok && outcome.failure.kind === "lineLost" ? lost + 1 : 0;
    if (!outcome.ok && (endsSearch(outcome.failure) || lost >= MOST_LOST)) {
      return err({ failure: outcome.failure, found });
    }
    const there = presence(outcome);
    if (there) found.push({ unit, ...there, identity: await identify(access, unit, timeout) });
  }
  return ok(found);
}

function endsSearch(failure: AccessFailure): boolean {
  return failure.kind === "unreachable" || failure.kind === "denied" || failure.kind === "notSent";
}

type Presence = Pick<FoundUnit, "took" | "exception">;

function presence(outcome: Awaited<ReturnType<Access["ask"]>>): Presence | undefined {
  if (outcome.ok) return { took: outcome.value.took, exception: undefined };
  const { failure } = outcome;
  if (failure.kind === "exception" && !isSilence(failure)) return { took: ms(0), exception: failure.code };
  return undefined;
}
