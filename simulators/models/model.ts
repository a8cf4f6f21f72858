/** The process behind one device: reads what the master wrote, moves, and puts what there is to see. */
export interface Model {
  /** Lets `seconds` of plant time pass; a few hundredths at most. */
  step(seconds: number): void;
}
