/** What a program imports from `takt/program`: the package's own entry, and no barrel for anybody inside. */
export { CTD, CTU, CTUD, F_TRIG, HYSTERESIS, PID, R_TRIG, RAMP, RS, SR, TOF, TON, TP } from "./blocks.ts";
export { program } from "./program.ts";
