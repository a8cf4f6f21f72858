/** A counter of IEC 61131-3 (2.5.2.3.3) after a call. What is true at the first look is not counted. */
export interface Counter {
  readonly CU: boolean;
  readonly CD: boolean;
  readonly PV: number;
  readonly CV: number;
}

export interface CounterCall {
  readonly CU?: boolean;
  readonly CD?: boolean;
  /** Back to 0; before everything else. */
  readonly R?: boolean;
  /** To PV. */
  readonly LD?: boolean;
  readonly PV: number;
}

/** A DINT: counting stops at its ends. */
const MOST = 2_147_483_647;
const LEAST = -2_147_483_648;

/** CTU, CTD and CTUD in one: what a block does not have is false. */
export function nextCount(before: Counter | undefined, call: CounterCall): Counter {
  const { CU = false, CD = false, PV } = call;
  return { CU, CD, PV, CV: countedValue(before, call) };
}

function countedValue(before: Counter | undefined, { CU = false, CD = false, R, LD, PV }: CounterCall): number {
  const CV = before?.CV ?? 0;
  if (R === true) return 0;
  if (LD === true) return PV;
  if (!before) return CV;
  const up = CU && !before.CU;
  const down = CD && !before.CD;
  if (up === down) return CV;
  return up ? Math.min(CV + 1, MOST) : Math.max(CV - 1, LEAST);
}
