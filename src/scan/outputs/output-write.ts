import type { Exchange, Line, LineFailure, Transaction } from "../../bus/line/line.ts";
import type { WriteResult } from "../../device/outcome.ts";
import type { Value } from "../../device/quality.ts";
import type { Verify } from "../../device/tag.ts";
import type { TagCodec } from "../../device/tag-codec.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import type { Clock } from "../../kit/clock.ts";
import { invariant } from "../../kit/invariant.ts";
import type { Result } from "../../kit/result.ts";
import { type Instant, type Ms, ms, plus } from "../../kit/time.ts";
import type { Failure } from "../../modbus/failure.ts";
import type { Answer, Request } from "../../modbus/request.ts";
import { agrees } from "../image/agreement.ts";
import type { Passed } from "./output-gate.ts";
import type { InputImage } from "../image/process-image.ts";
import { newWrite, nextWrite, type Seen, type WriteEvent, type WriteRules, type WriteState } from "./write-machine.ts";
import { readTag, type WritePart, type WriteStep, writeSteps } from "../../device/write-steps.ts";
import { decodeAnswer } from "../image/decode-answer.ts";

/** A value whose effect nobody verifies is waited for this long, when it is in doubt whether it arrived. */
const UNVERIFIED_WITHIN = ms(1000);

/** Between two looks at a tag whose effect is still awaited. */
const LOOK_PAUSE = ms(50);

export interface OutputWriteOptions {
  readonly entry: TagEntry;
  readonly codec: TagCodec;
  readonly passed: Passed;
  readonly line: Line;
  readonly clock: Clock;
  readonly sendBy: Instant;
  /** Takes responsibility for a promise. */
  readonly own: (promise: Promise<unknown>) => void;
  /** What the profile's `expect` names, where it does. */
  readonly expected: TagEntry | undefined;
}

/** One write on its way: feeds the write machine with what the line and the image say. */
export class OutputWrite {
  readonly entry: TagEntry;
  readonly value: Value;
  readonly #options: OutputWriteOptions;
  readonly #rules: WriteRules;
  #state: WriteState;
  #lookAfter: Instant;
  #looking = false;

  constructor(options: OutputWriteOptions) {
    this.#options = options;
    this.entry = options.entry;
    this.value = options.passed.value;
    this.#rules = rulesOf(options);
    this.#lookAfter = options.clock.now();
    this.#state = newWrite(options.clock.now());
  }

  get result(): WriteResult | undefined {
    return this.#state.state === "done" ? this.#state.result : undefined;
  }

  /** Control phase: time passes, and the image may show the effect. */
  step(image: InputImage): void {
    this.#feed({ kind: "tick", at: this.#options.clock.now() });
    const { verify } = this.#options.passed.rule;
    if (this.#state.state === "verifying" && verify.by === "expect") this.#expect(verify, image);
  }

  /** It was never handed to the line: what is tried again goes by itself. */
  get isFirstTry(): boolean {
    return this.#state.state === "waiting" && this.#state.tries === 0;
  }

  /** How many registers or coils it takes. */
  get size(): number {
    return this.#options.codec.size;
  }

  /** What `flush` would hand to the line now: the write, or another look at what came of it. */
  get due(): "write" | "look" | undefined {
    const now = this.#options.clock.now();
    if (this.#state.state === "waiting" && this.#state.notBefore <= now) return "write";
    if (this.#state.state !== "verifying" || this.#rules.verified !== "byReadback" || this.#looking) return undefined;
    return now >= this.#lookAfter ? "look" : undefined;
  }

  /** Output phase: hands to the line what is due; false when that was no write. */
  flush(): boolean {
    const { due } = this;
    if (due === "write") this.#send();
    else if (due === "look") this.#look();
    return due === "write";
  }

  /** No further try: something newer is wanted, or the master stops. What is under way is settled by its own answer. */
  withdraw(reason: string): void {
    this.#feed({ kind: "withdrawn", at: this.#options.clock.now(), reason });
  }

  /** It is handed to the line, be it by itself or together with others: what is to be sent of it. */
  begin(): WritePart & { readonly readback: boolean; readonly sendBy: Instant } {
    const { entry, codec, passed, clock } = this.#options;
    this.#feed({ kind: "sent", at: clock.now() });
    const { verified, sendBy } = this.#rules;
    return { entry, codec, encoded: passed.encoded, readback: verified === "byReadback", sendBy };
  }

  /** The device refused it together with others, of which any may have been the reason. */
  turnedAway(failure: Failure): void {
    this.#feed({ kind: "turnedAway", at: this.#options.clock.now(), failure });
  }

  #send(): void {
    const { line, own } = this.#options;
    const { entry, codec, encoded, readback } = this.begin();
    const steps = writeSteps(entry, codec, encoded, readback);
    own(line.send(this.#transaction(steps)).then((settled) => this.settle(settled, steps)));
  }

  #transaction(steps: readonly WriteStep[]): Transaction {
    const { device } = this.entry;
    const [first, ...rest] = steps;
    invariant(first !== undefined, "a write has at least one step");
    return {
      unit: device.unit,
      request: first.request(undefined),
      responseTimeout: device.timing.responseTimeout,
      lane: "write",
      sendBy: this.#rules.sendBy,
      follow: (answer, step) => this.#next(rest[step], answer),
    };
  }

  /** What a step fetched may come when its value is not to be written any more. */
  #next(step: WriteStep | undefined, answer: Answer): Request | "too late" | undefined {
    const withdrawn = this.#state.state === "sending" && this.#state.withdrawn !== undefined;
    const late = this.#options.clock.now() > this.#rules.sendBy;
    return step?.part === "write" && (late || withdrawn) ? "too late" : step?.request(answer);
  }

  /** What became of these steps; what was read back of it begins at `offset`. */
  settle(settled: Result<Exchange, LineFailure>, steps: readonly WriteStep[], offset = 0): void {
    const at = this.#options.clock.now();
    if (settled.ok) {
      const { answer } = settled.value;
      const seen = answer.kind === "written" ? undefined : this.#seen(answer, offset);
      this.#feed({ kind: "confirmed", at, seen });
    } else {
      const { failure, step } = settled.failure;
      this.#feed({ kind: "failed", at, part: steps[step]?.part ?? "write", failure });
    }
  }

  /** Reads the tag back once more. */
  #look(): void {
    const { entry, codec, line, clock, own } = this.#options;
    const { unit, timing } = entry.device;
    this.#looking = true;
    const look = {
      unit,
      request: readTag(entry, codec),
      responseTimeout: timing.responseTimeout,
      lane: "write",
    } as const;
    const looked = line.send(look).then((settled) => {
      this.#looking = false;
      this.#lookAfter = plus(clock.now(), LOOK_PAUSE);
      if (settled.ok) this.#feed({ kind: "seen", at: clock.now(), seen: this.#seen(settled.value.answer) });
    });
    own(looked);
  }

  #seen(answer: Answer, offset = 0): Seen {
    const { value } = decodeAnswer(this.#options.codec, answer, offset);
    const { verify } = this.#options.passed.rule;
    const tolerance = verify.by === "readback" ? verify.tolerance : 0;
    return {
      agrees: agrees(this.value, value, tolerance),
      value: value ?? undefined,
      description: value === null ? "reads back as no value" : `reads back ${String(value)}`,
    };
  }

  #expect(verify: Verify & { by: "expect" }, image: InputImage): void {
    const { expected, clock } = this.#options;
    if (!expected || this.#state.state !== "verifying") return;
    const sample = image.sample(expected.index);
    const reached = this.#state.reached;
    const fresh =
      sample.quality === "good" &&
      sample.sourceTime !== undefined &&
      reached !== undefined &&
      sample.sourceTime >= reached;
    if (!fresh || sample.value === null) return;
    const seen = {
      agrees: agrees(verify.equals, sample.value, 0),
      value: undefined,
      description: `${verify.tag} is ${String(sample.value)}, not ${String(verify.equals)}`,
    };
    this.#feed({ kind: "seen", at: clock.now(), seen });
  }

  #feed(event: WriteEvent): void {
    this.#state = nextWrite(this.#state, event, this.#rules);
  }
}

function rulesOf({ passed, sendBy }: OutputWriteOptions): WriteRules {
  const { verify, kind } = passed.rule;
  const within: Ms = verify.by === "readback" || verify.by === "expect" ? verify.within : UNVERIFIED_WITHIN;
  const verified = ({ readback: "byReadback", expect: "byTag", echo: "no", none: "no" } as const)[verify.by];
  return { value: passed.value, repeatable: kind === "level", sendBy, verified, within };
}
