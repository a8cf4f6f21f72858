/**
 * Kinds of trouble of a simulated plant. `transactions`: some of them go wrong; `incidents`: units die, wires are babbled on;
 * `unnoticeable`: what no master can notice; `mishaps`: plugs are pulled, devices taken out, permits withdrawn.
 */
export const TROUBLES = ["transactions", "incidents", "unnoticeable", "mishaps"] as const;

export type Trouble = (typeof TROUBLES)[number];

export const ALL_TROUBLES: ReadonlySet<Trouble> = new Set(TROUBLES);
