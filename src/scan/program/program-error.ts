/** A mistake of a program, told to whoever wrote it. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
}
