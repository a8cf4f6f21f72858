import { writeSync } from "node:fs";
import { errorStack } from "../../kit/error-message.ts";
import { EXIT } from "../process/exit-code.ts";

export type StopReason =
  | { readonly kind: "asked"; readonly description: string }
  /** A contradiction inside takt; the scan goes no further. */
  | { readonly kind: "broken"; readonly description: string };

export interface StopRequest {
  /** Settles once, with the first reason. */
  readonly requested: Promise<StopReason>;
  readonly broken: (error: unknown) => void;
  /** Gives the signals back to their defaults. */
  readonly end: () => void;
}

/**
 * Waits for SIGINT, SIGTERM, the end of the process that started us (where it holds a channel to us), or an error
 * nobody caught and nothing `excuses`. A second signal ends the process at once.
 */
export function stopRequested({ excuses }: { readonly excuses: (error: unknown) => boolean }): StopRequest {
  let settle: (reason: StopReason) => void = () => undefined;
  const requested = new Promise<StopReason>((resolve) => (settle = resolve));
  let asked = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (++asked > 1) process.exit(EXIT.notSafe);
    settle({ kind: "asked", description: signal === "SIGINT" ? "Ctrl-C (SIGINT)" : signal });
  };
  const onDisconnect = (): void => settle({ kind: "asked", description: "the process that started it has ended" });
  const broken = (error: unknown): void => {
    const description = errorStack(error);
    writeSync(2, `takt: ${description}\n`);
    settle({ kind: "broken", description: error instanceof Error ? error.message : description });
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal).on("disconnect", onDisconnect);
  const uncaught = (error: unknown): void => {
    if (!excuses(error)) broken(error);
  };
  process.on("uncaughtException", uncaught).on("unhandledRejection", uncaught);
  const end = (): void => {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal).off("disconnect", onDisconnect);
    process.off("uncaughtException", uncaught).off("unhandledRejection", uncaught);
  };
  return { requested, broken, end };
}
