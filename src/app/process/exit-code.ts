/** What takt's commands end with (README.md lists them too). */
export const EXIT = {
  done: 0,
  /** A bug of ours, or something nobody foresaw. */
  failed: 1,
  /** A file, an argument or a setting is wrong; nothing was started. */
  invalid: 2,
  /** The other side cannot be reached, or does not answer. */
  noAnswer: 3,
  /** The other side answered no. */
  refused: 4,
  /** Stopped, but not every output was confirmed to be in its safe state. */
  notSafe: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
