import type { TagEntry } from "../../device/tag-table.ts";

/**
 * Whether this output may be written now, or the reason why not. The composition root supplies it; a standby that does
 * not hold the line, or a master that only watches, permits nothing.
 */
export type Permit = (
  entry: TagEntry,
) => { readonly granted: true } | { readonly granted: false; readonly reason: string };

export const permitAll: Permit = () => ({ granted: true });

export const permitNothing: Permit = () => ({ granted: false, reason: "this master runs read-only" });
