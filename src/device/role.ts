import { err, ok, type Result } from "../kit/result.ts";
import { didYouMean } from "./did-you-mean.ts";

/** Who may command what: each role may do what those before it may. */
export const ROLES = ["observer", "operator", "engineer"] as const;

export type Role = (typeof ROLES)[number];

/** What an output or a command needs unless its profile says otherwise. */
export const DEFAULT_ROLE: Role = "operator";

/** The role of this name; or why there is none. */
export function roleNamed(name: string): Result<Role, string> {
  const role = ROLES.find((each) => each === name);
  return role ? ok(role) : err(`unknown role "${name.slice(0, 64)}"; ${didYouMean(name, ROLES)}`);
}

/** What is asked, as far as it says who may ask it. */
export interface Claim {
  /** Which way it came: `mqtt`, `cli`. */
  readonly origin: string;
  /** The role it came with; undefined: that of its way. */
  readonly role?: Role | undefined;
}

/** Whether somebody of the role `has` may do what `needs` a role. */
export function mayAct(has: Role, needs: Role): boolean {
  return ROLES.indexOf(has) >= ROLES.indexOf(needs);
}
