import type { Terminal } from "../../../src/app/process/terminal.ts";

/** A terminal that keeps what it was told. */
export interface RecordingTerminal extends Terminal {
  readonly output: string;
  readonly errors: string;
}

export function recordingTerminal(): RecordingTerminal {
  const told = { output: "", errors: "" };
  return {
    out: (text) => void (told.output += `${text}\n`),
    err: (text) => void (told.errors += `${text}\n`),
    progress: () => undefined,
    get output() {
      return told.output;
    },
    get errors() {
      return told.errors;
    },
  };
}
