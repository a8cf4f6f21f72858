import { ON_DEMAND } from "../../device/tag.ts";
import { tagCodec } from "../../device/tag-codec.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import type { Clock } from "../../kit/clock.ts";
import { ok } from "../../kit/result.ts";
import { ms, plus } from "../../kit/time.ts";
import { ownAsking } from "../outputs/asking.ts";
import { fitOutput } from "../outputs/output-gate.ts";
import type { Outputs } from "../outputs/outputs.ts";
import type { InputImage } from "../image/process-image.ts";
import type { ProgramPoint } from "./program-point.ts";

/** A pulse that could not be sent within this is not sent later: its moment has passed. */
const PULSE_SEND_BY = ms(1000);

export interface PlantScan {
  readonly entries: readonly TagEntry[];
  readonly image: InputImage;
  readonly outputs: Outputs;
  readonly clock: Clock;
}

/** The tags of a running plant as its programs meet them. */
export function plantPoints(scan: PlantScan): readonly ProgramPoint[] {
  return scan.entries.map((entry) => plantPoint(entry, scan));
}

function plantPoint(entry: TagEntry, { image, outputs, clock }: PlantScan): ProgramPoint {
  const { device, tag, index } = entry;
  const codec = tagCodec(tag);
  const { write } = tag;
  return {
    device: device.name,
    tag: tag.name,
    path: `${device.name}.${tag.name}`,
    kind: write?.kind ?? "input",
    unread: tag.scanClass === ON_DEMAND ? `it is read on demand only (class: ${ON_DEMAND})` : undefined,
    safe: write?.safe,
    sample: () => image.sample(index),
    fit(value) {
      const fitted = fitOutput(entry, codec, value);
      return fitted.ok ? ok(fitted.value.value) : fitted;
    },
    wanted: () => outputs.wanted(entry),
    write(value, program) {
      const asking = ownAsking(`program ${program}`);
      if (write?.kind === "level") return outputs.want(entry, value, asking);
      const judged = outputs.judge(entry, value, asking);
      if (!judged.ok) return judged;
      return ok(outputs.command(entry, judged.value, { sendBy: plus(clock.now(), PULSE_SEND_BY), asking }));
    },
  };
}
