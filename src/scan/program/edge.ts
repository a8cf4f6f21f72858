/** What R_TRIG and F_TRIG remember (IEC 61131-3, 2.5.2.3.2). The first look is no edge: what is there already is not new. */
export interface Edge {
  readonly CLK: boolean;
  /** True in the one cycle of the edge. */
  readonly Q: boolean;
}

export function nextRising(before: Edge | undefined, CLK: boolean): Edge {
  return { CLK, Q: before !== undefined && CLK && !before.CLK };
}

export function nextFalling(before: Edge | undefined, CLK: boolean): Edge {
  return { CLK, Q: before !== undefined && !CLK && before.CLK };
}
