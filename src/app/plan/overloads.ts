import type { Plant } from "../../config/plant/plant.ts";
import type { Finding } from "../../device/finding.ts";
import { tagTable } from "../../device/tag-table.ts";
import { ms } from "../../kit/time.ts";
import { mends } from "../../plan/mends.ts";
import type { PlantProof, ProvedLine } from "../../plan/plant-proof.ts";
import { frameRows } from "./frame-rows.ts";
import { percent, shareText, spanText } from "./proof-text.ts";

/** The lines that cannot hold what is to be read of them: which frame breaks, by how much, and what passes the proof. */
export function overloads(plant: Plant, proof: PlantProof): readonly Finding[] {
  const entries = tagTable(plant.devices.values());
  return proof.lines.flatMap((line) => {
    if (line.proof.holds) return [];
    const name = line.plan.line;
    const found = mends(plant, name, entries).map(({ text, headRoom }) => `${text} (head room ${percent(headRoom)})`);
    const hint =
      found.length > 0
        ? `what holds: ${found.join("; ")}`
        : "no single change of class, speed or line makes it hold: read less of it";
    return [{ path: ["lines", name], message: overloadText(line), hint }];
  });
}

/** `line drives: frame 3 takes 118.2 ms of 100 ms, 18.2 ms too much: fan 55.2 ms, writes 57.8 ms` */
function overloadText(line: ProvedLine): string {
  const { plan, proof } = line;
  const { fullest, frame } = proof;
  const row = frameRows(line).find(({ frames }) => frames.includes(fullest.frame));
  const shares = (row?.segments ?? []).toSorted((a, b) => b.time - a.time);
  const named = shares.slice(0, MOST_SHARES).map(({ device, time }) => `${device} ${spanText(ms(time))}`);
  const rest = shares.length > MOST_SHARES ? [`${shares.length - MOST_SHARES} more`] : [];
  const writes = plan.writes.window > 0 ? [`writes ${spanText(plan.writes.window)}`] : [];
  const over = spanText(ms(fullest.time - frame));
  const parts = [...named, ...rest, ...writes].join(", ");
  return `line ${plan.line}: frame ${fullest.frame} takes ${shareText(fullest.time, frame)}, ${over} too much: ${parts}`;
}

const MOST_SHARES = 4;
