import { formatDuration, parseDuration } from "../../src/kit/duration.ts";
import { err, ok, type Result } from "../../src/kit/result.ts";
import { type Ms, ms } from "../../src/kit/time.ts";
import { type Aim, type Fault, type FaultKind, isFaultKind, type LineFault } from "./fault.ts";

interface Kind {
  /** What it takes, with its defaults. */
  readonly takes: string;
  readonly does: string;
  readonly make: (words: Words) => Fault;
}

/** How faults are written: `late 300ms`, `noise after 0.1`, `exception 6 3x`. */
const KINDS: Readonly<Record<FaultKind, Kind>> = {
  lost: { takes: "", does: "requests get lost: not executed, not answered", make: () => ({ kind: "lost" }) },
  answerLost: { takes: "", does: "executed, the answer gets lost", make: () => ({ kind: "answerLost" }) },
  exception: {
    takes: "[code, 4]",
    does: "refused with this code, not executed",
    make: (words) => ({ kind: "exception", code: words.whole(1, 255, 4) }),
  },
  late: {
    takes: "[300ms]",
    does: "the answer comes so much later",
    make: (words) => ({ kind: "late", by: words.duration(ms(300)) }),
  },
  split: {
    takes: "[5ms]",
    does: "the answer comes in two parts",
    make: (words) => ({ kind: "split", gap: words.duration(ms(5)) }),
  },
  dribble: {
    takes: "[1ms]",
    does: "the answer comes one byte at a time",
    make: (words) => ({ kind: "dribble", gap: words.duration(ms(1)) }),
  },
  merged: { takes: "", does: "the answer comes together with the next one", make: () => ({ kind: "merged" }) },
  repeated: { takes: "", does: "the answer comes twice, without a pause", make: () => ({ kind: "repeated" }) },
  garbled: { takes: "", does: "bits are turned", make: () => ({ kind: "garbled" }) },
  badCrc: { takes: "", does: "the check sum is wrong", make: () => ({ kind: "badCrc" }) },
  noise: {
    takes: "[before|after]",
    does: "characters that mean nothing",
    make: (words) => ({ kind: "noise", where: words.choice(["before", "after"]) }),
  },
  wrongUnit: {
    takes: "[unit]",
    does: "another unit's number on the answer",
    make: (words) => {
      const as = words.whole(0, 255, -1);
      return as < 0 ? { kind: "wrongUnit" } : { kind: "wrongUnit", as };
    },
  },
  wrongFunction: { takes: "", does: "another function in the answer", make: () => ({ kind: "wrongFunction" }) },
  wrongEcho: {
    takes: "[value|address]",
    does: "a write is answered with another one",
    make: (words) => ({ kind: "wrongEcho", part: words.choice(["value", "address"]) }),
  },
  wrongByteCount: { takes: "", does: "more or fewer bytes than asked for", make: () => ({ kind: "wrongByteCount" }) },
  duplicate: {
    takes: "",
    does: "a second slave with the same number answers too",
    make: () => ({ kind: "duplicate" }),
  },
  wrongBaudRate: { takes: "", does: "answers at another baud rate", make: () => ({ kind: "wrongBaudRate" }) },
  wrongTransaction: { takes: "", does: "another transaction id", make: () => ({ kind: "wrongTransaction" }) },
  wrongProtocol: { takes: "", does: "a protocol id that is not 0", make: () => ({ kind: "wrongProtocol" }) },
  wrongLength: { takes: "", does: "a length no frame has", make: () => ({ kind: "wrongLength" }) },
  reset: { takes: "", does: "the connection is reset in the middle of the answer", make: () => ({ kind: "reset" }) },
  halfOpen: { takes: "", does: "the connection stays open and dies", make: () => ({ kind: "halfOpen" }) },
  babble: {
    takes: "[200ms]",
    does: "a unit talks without being asked, about so often",
    make: (words) => ({ kind: "babble", every: words.duration(ms(200)) }),
  },
  secondMaster: {
    takes: "[500ms] [registers|identity]",
    does: "another master asks, about so often",
    make: (words) => ({
      kind: "secondMaster",
      every: words.duration(ms(500)),
      asks: words.choice(["registers", "identity"]),
    }),
  },
  echo: { takes: "", does: "the master hears what it sends", make: () => ({ kind: "echo" }) },
  brownOut: {
    takes: "[off, 2s] [boot, 1s] [code, 4]",
    does: "without supply, then refusing, then well again",
    make: (words) => ({
      kind: "brownOut",
      off: words.duration(ms(2000)),
      boot: words.duration(ms(1000)),
      code: words.whole(1, 255, 4),
    }),
  },
  any: {
    takes: "[latest, 300ms]",
    does: "one of those a master can notice, another one each time",
    make: (words) => ({ kind: "any", latest: words.duration(ms(300)) }),
  },
};

/** Reads a fault; the failure is a sentence for whoever wrote it. */
export function parseFault(written: readonly string[]): Result<LineFault, string> {
  const [kind = "", ...rest] = written;
  if (!isFaultKind(kind)) return err(`unknown fault "${kind}"; known: ${Object.keys(KINDS).join(", ")}`);
  const words = new Words(rest);
  const aim = words.aim();
  const fault = KINDS[kind].make(words);
  const [left] = words.left;
  if (left !== undefined) return err(`"${left}" means nothing here; write ${usage(kind)}`);
  return ok({ ...fault, ...aim });
}

/** The form {@link parseFault} reads. */
export function formatFault(fault: LineFault): string {
  const { kind, unit: _unit, rate, times, ...more } = fault;
  const given = Object.entries(more).map(([name, value]: readonly [string, string | number]) =>
    typeof value === "number" && DURATIONS.has(name) ? formatDuration(ms(value)) : String(value),
  );
  const often = [...(rate === undefined ? [] : [String(rate)]), ...(times === undefined ? [] : [`${times}x`])];
  return [kind, ...given, ...often].join(" ");
}

const DURATIONS = new Set(["by", "gap", "every", "off", "boot", "latest"]);

/** One line for every kind: how it is written and what it does. */
export function faultHelp(): readonly string[] {
  return Object.entries(KINDS).map(([kind, { takes, does }]) => `  ${`${kind} ${takes}`.padEnd(40)} ${does}`);
}

function usage(kind: FaultKind): string {
  return [kind, KINDS[kind].takes, "[rate, as 0.1 or 10%] [3x]"].filter((part) => part !== "").join(" ");
}

/** Words whose meaning their form tells: `300ms`, `6`, `after`, `0.1`, `3x`. */
class Words {
  readonly left: string[];

  constructor(words: readonly string[]) {
    this.left = [...words];
  }

  aim(): Aim {
    const rate = this.#take(/^(?:0?\.\d+|1\.0+|\d+(?:\.\d+)?%)$/);
    const times = this.#take(/^[1-9]\d{0,8}x$/);
    return {
      ...(rate === undefined ? {} : { rate: rate.endsWith("%") ? Number(rate.slice(0, -1)) / 100 : Number(rate) }),
      ...(times === undefined ? {} : { times: Number(times.slice(0, -1)) }),
    };
  }

  duration(usual: Ms): Ms {
    const word = this.#take(/^\d+(?:\.\d+)?(?:us|ms|s|min)$/);
    return (word === undefined ? undefined : parseDuration(word)) ?? usual;
  }

  /** A whole number from `least` to `most`; others are left. */
  whole(least: number, most: number, usual: number): number {
    const word = this.#takeIf((text) => /^\d{1,3}$/.test(text) && Number(text) >= least && Number(text) <= most);
    return word === undefined ? usual : Number(word);
  }

  /** One of the words; the first of them where none stands there. */
  choice<T extends string>(words: readonly [T, ...T[]]): T {
    const word = this.#takeIf((text) => words.some((known) => known === text));
    return words.find((known) => known === word) ?? words[0];
  }

  #take(form: RegExp): string | undefined {
    return this.#takeIf((text) => form.test(text));
  }

  #takeIf(fits: (text: string) => boolean): string | undefined {
    const at = this.left.findIndex(fits);
    return at < 0 ? undefined : this.left.splice(at, 1)[0];
  }
}
