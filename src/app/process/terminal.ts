/** Where a command says what it has to say. */
export interface Terminal {
  /** Results, for people or programs. */
  readonly out: (text: string) => void;
  /** What went wrong. */
  readonly err: (text: string) => void;
  /** How far long work has come, on a line that the next one replaces; "" clears it. Nothing where nobody watches. */
  readonly progress: (text: string) => void;
}

export const standardTerminal: Terminal = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  progress: (text) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text.slice(0, process.stderr.columns - 1)}`);
  },
};
