/** The process behind one device: reads what the master wrote, moves, and puts what there is to see. */
export interface Model {
  /** Lets `seconds` of plant time pass; a few hundredths at most. */
  step(seconds: number): void;
  /** Its supply is cut: no step comes until it is back. */
  powerCut?(): void;
  /** Its supply is back: it starts anew. */
  powerOn?(): void;
}
