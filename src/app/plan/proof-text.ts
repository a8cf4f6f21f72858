import { formatDuration } from "../../kit/duration.ts";
import { ms, type Ms } from "../../kit/time.ts";
import type { Probes } from "../../plan/line-plan.ts";
import type { DeathProof } from "../../plan/line-proof.ts";
import type { ProvedLine } from "../../plan/plant-proof.ts";

/** `58.1 ms`, `1.06 s`: as exact as people need it. */
export function spanText(span: Ms): string {
  if (span >= 10_000) return `${round(span / 1000, 1)} s`;
  if (span >= 1000) return `${round(span / 1000, 2)} s`;
  return `${round(span, 1)} ms`;
}

/** `58.1 of 100 ms` */
export function shareText(part: Ms, whole: Ms): string {
  return whole < 1000 ? `${round(part, 1)} of ${spanText(whole)}` : `${spanText(part)} of ${spanText(whole)}`;
}

export function percent(share: number): string {
  const value = share * 100;
  return `${round(value, Math.abs(value) < 10 ? 1 : 0)} %`;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** What is proved of a line, in sentences. */
export function proofSentences(line: ProvedLine): readonly string[] {
  const { plan, proof } = line;
  if (plan.cyclic.length === 0 && plan.writes.window === 0) return [];
  if (!proof.holds) return holdSentences(line);
  return [...holdSentences(line), ...deathSentences(line), ...latencySentences(line)];
}

/** Whether it holds, and on what grounds. */
function holdSentences({ plan, proof, settings }: ProvedLine): readonly string[] {
  const { fullest, frame, headRoom, basis } = proof;
  const ground =
    basis === "proved" || settings.kind === "serial"
      ? proof.holds
        ? "proved"
        : "does NOT hold"
      : `${proof.holds ? "budgeted" : "does NOT hold"} for a round trip of ${spanText(settings.roundTrip)}`;
  const writes = plan.writes.window > 0 ? `, writes of ${spanText(plan.writes.window)} included` : "";
  const room = proof.holds ? `head room ${percent(headRoom)}` : `${spanText(ms(fullest.time - frame))} too much`;
  return [`${ground}: fullest frame ${shareText(fullest.time, frame)}${writes}; ${room}`];
}

function deathSentences({ proof, plan }: ProvedLine): readonly string[] {
  const { oneDead } = proof;
  if (!oneDead) return [];
  return [oneDead.carried ? carriedText(oneDead) : lostText(oneDead), ...slotText(plan.probes)];
}

function carriedText({ time, device }: DeathProof): string {
  return `with one device dead the others are done after ${spanText(time)} at the latest (${device} in its fullest frame)`;
}

function lostText({ lost, device, time }: DeathProof): string {
  const frames = lost === 1 ? "the rest of that frame" : `up to ${lost} frames`;
  return `no frame carries a timeout: when ${device} stops answering, the others are done after ${spanText(time)} and miss ${frames}`;
}

function slotText(probes: Probes | undefined): readonly string[] {
  return probes && !probes.slots ? ["no frame has room for an unanswered probe: each costs the others the same"] : [];
}

function latencySentences({ plan, proof }: ProvedLine): readonly string[] {
  const oldest = oldestTag({ plan, proof });
  const parts = [
    oldest && `oldest value ${oldest.tag} ${spanText(oldest.age)}`,
    proof.command && `a command is answered within ${spanText(proof.command)}`,
    proof.input && proof.output && `an input reaches an output within ${spanText(ms(proof.input + proof.output))}`,
    proof.returnSeen && `a returning device is seen within ${spanText(proof.returnSeen)}`,
  ].flatMap((part) => part ?? []);
  return parts.length > 0 ? [parts.join("; ")] : [];
}

/** The tag whose value gets oldest, `device.tag`. */
export function oldestTag({
  plan,
  proof,
}: Pick<ProvedLine, "plan" | "proof">): { readonly tag: string; readonly age: Ms } | undefined {
  const oldest = proof.ages.reduce((best, age, index) => (age > (proof.ages[best] ?? 0) ? index : best), 0);
  const age = proof.ages[oldest];
  const entry = plan.cyclic[oldest]?.block.items[0]?.entries[0];
  return age !== undefined && entry ? { tag: `${entry.device.name}.${entry.tag.name}`, age } : undefined;
}

/** Periods that do not divide, as a sentence. */
export function hintText(period: Ms, harmonic: Ms): string {
  return `hint: ${formatDuration(period)} is no multiple of the shorter periods; with ${formatDuration(harmonic)} reads come at even distances`;
}
