import type { DescribedArg, DescribedCommand, DescribedDevice } from "../control/control-message.ts";
import { columns } from "../read/columns.ts";

/** The commands of a device, one a line with its arguments. */
export function commandsText({ device, profile, commands }: DescribedDevice): string {
  const rows = Object.entries(commands).map(([name, command]) => [
    name,
    Object.entries(command.args)
      .map(([arg, each]) => argText(arg, each))
      .join(" "),
    [command.title, ...notes(command)].filter((note) => note !== undefined).join("; "),
  ]);
  const list = rows.length === 0 ? "  none" : columns(rows, ["left", "left", "left"], "  ");
  return `commands of ${device} (${profile})\n\n${list}`;
}

/** `[speed=0.5 m/s, 0.05 to 2]`: in brackets what may be left out. */
function argText(name: string, { unit, range, values, type, default: usual }: DescribedArg): string {
  const kind = values?.join("|") ?? (range ? `${range[0]}..${range[1]}` : type);
  const about = `${name}=<${kind}${unit === undefined ? "" : ` ${unit}`}>`;
  return usual === undefined ? about : `[${about} ${JSON.stringify(usual)}]`;
}

function notes({ arm, preempts, role }: DescribedCommand): readonly string[] {
  return [
    ...(preempts ? ["stops what is under way"] : []),
    ...(arm === undefined ? [] : [`has to be armed (--arm), within ${arm}`]),
    ...(role === undefined ? [] : [`role ${role}`]),
  ];
}

export interface Outcome {
  readonly outcome: string;
  readonly reason?: string | undefined;
  readonly results: Readonly<Record<string, PartOutcome>>;
  readonly ms: number;
}

interface PartOutcome {
  readonly outcome?: string | undefined;
  readonly sent?: unknown;
  readonly readback?: unknown;
}

/** What was written, a line each, and how it ended. */
export function outcomeText({ outcome, reason, results, ms }: Outcome): string {
  const rows = Object.entries(results).map(([tag, part]) => [
    tag,
    part.sent === null || part.sent === undefined ? "-" : JSON.stringify(part.sent),
    part.outcome ?? outcome,
  ]);
  const parts = rows.length === 0 ? "" : `${columns(rows, ["left", "left", "left"], "  ")}\n\n`;
  return `${parts}${reason === undefined ? outcome : `${outcome}: ${reason}`} (${ms} ms)`;
}
