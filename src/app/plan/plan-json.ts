import { type Ms, ms } from "../../kit/time.ts";
import type { PlantProof, ProvedLine } from "../../plan/plant-proof.ts";
import { entriesOf, type ReadBlock } from "../../plan/read-block.ts";
import { oldestTag } from "./proof-text.ts";

/** A plant's tables and proofs for programs (docs/schedule.md names every field); times in milliseconds. */
export function planJson(proof: PlantProof): unknown {
  return {
    plant: proof.plant,
    scanPeriod: proof.period,
    holds: proof.holds,
    lines: proof.lines.map((line) => lineJson(line, proof.period)),
    reactions: proof.lines.flatMap((from) => proof.lines.flatMap((to) => reaction(from, to))),
  };
}

/** From an input of one line to an output of another. */
function reaction(from: ProvedLine, to: ProvedLine): readonly unknown[] {
  const { input } = from.proof;
  const { output } = to.proof;
  if (input === undefined || output === undefined) return [];
  return [{ from: from.plan.line, to: to.plan.line, within: ms(input + output) }];
}

function lineJson({ plan, proof, settings }: ProvedLine, period: Ms): unknown {
  const { frames, ages, ...told } = proof;
  return {
    ...told,
    kind: settings.kind,
    window: plan.window,
    roundTrip: settings.kind === "serial" ? undefined : settings.roundTrip,
    oldest: oldestTag({ plan, proof }),
    writes: plan.writes,
    probes: plan.probes,
    frames: frames.map(({ blocks, healthy, typical, oneDead }, frame) => ({
      frame,
      blocks,
      healthy,
      typical,
      oneDead: oneDead.time,
    })),
    blocks: plan.cyclic.map(({ block, period: cycles, every, phases, cost, silence }, index) => ({
      ...blockJson(block),
      period: cycles * period,
      everyFrames: every / plan.frame,
      inFrames: phases.map((phase) => phase / plan.frame),
      cost,
      silence,
      age: ages[index],
    })),
    once: plan.once.map(blockJson),
    onDemand: plan.onDemand.map(blockJson),
  };
}

function blockJson(block: ReadBlock): object {
  return {
    device: block.device.name,
    unit: block.device.unit,
    table: block.table,
    address: block.address,
    quantity: block.quantity,
    class: block.scanClass,
    tags: entriesOf(block).map((entry) => entry.tag.name),
  };
}
