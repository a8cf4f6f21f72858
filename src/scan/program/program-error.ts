/** A mistake of a program, told to whoever wrote it. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
}

/** What a program threw, for people: it may be anything, an object that throws when it is asked for its text too. */
export function describeThrown(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error)) return String(thrown);
    const { message }: { readonly message: unknown } = thrown;
    return String(message);
  } catch {
    return "something was thrown that has no text";
  }
}
