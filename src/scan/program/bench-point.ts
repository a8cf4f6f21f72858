import type { Reason, Sample, Value } from "../../device/quality.ts";
import { tagCodec } from "../../device/tag-codec.ts";
import { ON_DEMAND, type Tag } from "../../device/tag.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import type { Instant } from "../../kit/time.ts";
import { fitOutput } from "../outputs/output-gate.ts";
import type { ProgramPoint } from "./program-point.ts";

/** A tag on the bench: it shows what a test sets, and an output what the program wants of it. */
export class BenchPoint implements ProgramPoint {
  readonly device: string;
  readonly tag: string;
  readonly path: string;
  readonly kind: ProgramPoint["kind"];
  readonly unread: string | undefined;
  readonly safe: ProgramPoint["safe"];
  readonly fit: ProgramPoint["fit"];
  /** Pulses that went out. */
  pulses = 0;
  #wanted: Value | undefined;
  #sample: Sample = { value: null, quality: "bad", reason: "neverRead", sourceTime: undefined };

  constructor(about: Pick<ProgramPoint, "device" | "tag" | "kind" | "safe" | "fit" | "unread">) {
    this.device = about.device;
    this.tag = about.tag;
    this.path = `${about.device}.${about.tag}`;
    this.kind = about.kind;
    this.unread = about.unread;
    this.safe = about.safe;
    this.fit = about.fit;
  }

  sample(): Sample {
    return this.#sample;
  }

  wanted(): Value | undefined {
    return this.#wanted;
  }

  /** The slave does as it is told. */
  write(value: Value): Result<undefined, string> {
    if (this.kind === "pulse") this.pulses++;
    else this.#wanted = value;
    this.#sample = { ...this.#sample, value, quality: "good", reason: "ok" };
    return ok(undefined);
  }

  show(value: Value, sourceTime: Instant): void {
    this.#sample = { value, quality: "good", reason: "ok", sourceTime };
  }

  lose(reason: Reason): void {
    this.#sample = { ...this.#sample, value: null, quality: "bad", reason };
  }
}

/** A tag that only a test knows. An output has a safe value, which says of what type it is. */
export function sketchedPoint(device: string, tag: string, safe: Value | undefined): BenchPoint {
  const fits = (value: Value): boolean => typeof value === typeof safe;
  return new BenchPoint({
    device,
    tag,
    kind: safe === undefined ? "input" : "level",
    unread: undefined,
    safe: safe === undefined ? undefined : { value: safe },
    fit: (value) => (fits(value) ? ok(value) : err(`takes a ${typeof safe}, not ${String(value)}`)),
  });
}

/** A tag of a plant file, its registers zero. */
export function tagPoint(entry: TagEntry): BenchPoint {
  const { device, tag } = entry;
  const codec = tagCodec(tag);
  const unread = tag.scanClass === ON_DEMAND ? `it is read on demand only (class: ${ON_DEMAND})` : undefined;
  const about = { device: device.name, tag: tag.name, kind: tag.write?.kind ?? ("input" as const), unread };
  return new BenchPoint({
    ...about,
    safe: tag.write?.safe,
    fit(value) {
      const fitted = fitOutput(entry, codec, value);
      return fitted.ok ? ok(fitted.value.value) : fitted;
    },
  });
}

/** What a tag shows whose registers are all zero; null where that means nothing. */
export function atRest(tag: Tag): Value | null {
  const codec = tagCodec(tag);
  const cells = Array.from({ length: codec.size }, () => 0);
  return codec.kind === "bits" ? codec.decode(cells.map(Boolean), 0).value : codec.decode(cells, 0).value;
}
