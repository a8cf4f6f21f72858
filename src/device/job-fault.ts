import { didYouMean } from "./did-you-mean.ts";
import type { Mailbox } from "./mailbox.ts";

/** What of a job a mail carries. */
export interface JobContent {
  readonly type: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly priority: number;
}

/** Why devices with this mailbox cannot do a job; undefined: they can. */
export function jobFault({ type, parameters, priority }: JobContent, { jobs }: Mailbox): string | undefined {
  const known = jobs.get(type);
  if (!known) return `unknown job "${type}"; ${didYouMean(type, [...jobs.keys()])}`;
  if (!Number.isInteger(priority) || priority < 0 || priority > 9) return "priority is a whole number from 0 to 9";
  const missing = known.parameters.find((name) => parameters[name] === undefined);
  if (missing !== undefined) return `parameter "${missing}" is missing`;
  const foreign = Object.keys(parameters).find((name) => !known.parameters.includes(name));
  if (foreign === undefined) return undefined;
  return `${type} has no parameter "${foreign}"; ${didYouMean(foreign, known.parameters)}`;
}
