/** How the operating system schedules the scan's thread. */
export type Scheduling =
  /** First in, first out: it runs as soon as it wants to, whatever else the machine does. */
  | { readonly mode: "fifo"; readonly priority: number }
  | {
      readonly mode: "normal";
      readonly reason: string;
      /** How to get what was wanted and not given. */
      readonly mend?: string;
    };
