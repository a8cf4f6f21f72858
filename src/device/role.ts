/** Who may command what: each role may do what those before it may. */
export const ROLES = ["observer", "operator", "engineer"] as const;

export type Role = (typeof ROLES)[number];

/** What an output or a command needs unless its profile says otherwise. */
export const DEFAULT_ROLE: Role = "operator";

/** Whether somebody of the role `has` may do what `needs` a role. */
export function mayAct(has: Role, needs: Role): boolean {
  return ROLES.indexOf(has) >= ROLES.indexOf(needs);
}
