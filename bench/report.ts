import { cpus, loadavg, release } from "node:os";

/** Where these figures were taken. */
export function machine(): string {
  const [first] = cpus();
  const load = loadavg()[0]?.toFixed(1) ?? "?";
  return `${first?.model.trim() ?? "unknown processor"}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}, load ${load} at the start`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** The median of the ratios of two rows of values taken round by round, and their range. */
export function ratio(values: readonly number[], base: readonly number[]): string {
  const ratios = values.map((value, round) => value / (base[round] ?? NaN));
  const shown = [median(ratios), Math.min(...ratios), Math.max(...ratios)].map((each) => each.toFixed(2));
  return `${shown[0] ?? ""} (${shown[1] ?? ""} to ${shown[2] ?? ""})`;
}
