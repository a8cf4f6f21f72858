import { z } from "zod";
import { ms } from "../kit/time.ts";
import { duration, fields, name, text } from "./file-words.ts";
import type { Mailbox } from "./mailbox.ts";

const tag = (description: string): z.ZodString => z.string().meta({ description });

const jobSchema = fields({
  parameters: z.array(name()).optional().meta({ description: "names of the parameters in the order of the registers" }),
  redirectable: z
    .boolean()
    .optional()
    .meta({ description: "doing it twice does no harm: another device may have it when this one fails; false" }),
  within: duration().optional().meta({ description: "how long it may take at most; 10min" }),
});

/** Where a profile says how its devices take jobs. */
export const mailboxSchema = fields({
  mail: fields({
    sequence: tag("first register of the mail"),
    epoch: tag("term of the master"),
    command: tag("an enumeration that names every job"),
    parameters: tag("numbers, as an array").optional(),
    sequenceEnd: tag("last register: the sequence again"),
  }).meta({ description: "tags written with one FC 16" }),
  status: fields({
    epoch: tag("highest epoch seen"),
    accepted: tag("sequence accepted last"),
    done: tag("sequence that ended last"),
    result: tag("how it ended: an enumeration"),
    rejected: tag("sequence rejected last"),
    rejectReason: tag("why: an enumeration"),
  }).meta({ description: "tags read with one request, together with bootId" }),
  ready: tag("a bool: a job would be accepted now"),
  running: tag("a bool: a job is being carried out").optional(),
  void: z.string().optional().meta({ description: "the command that is accepted and does nothing; none" }),
  succeeded: z.array(text).min(1).optional().meta({ description: "results that mean done; [done]" }),
  acceptWithin: duration().optional().meta({ description: "in which a mail that has arrived is judged; 2s" }),
  jobs: z.record(name(), jobSchema).meta({ description: "kinds of work, by the name of their command" }),
});

export type MailboxFile = z.output<typeof mailboxSchema>;

const ACCEPT_WITHIN = ms(2000);
const JOB_WITHIN = ms(600_000);

/** The mailbox a profile means, defaults put in. */
export function buildMailbox(file: MailboxFile): Mailbox {
  const { mail, status, ready, running, succeeded = ["done"], acceptWithin = ACCEPT_WITHIN } = file;
  const jobs = Object.entries(file.jobs).map(
    ([job, { parameters = [], redirectable = false, within = JOB_WITHIN }]) => {
      return [job, { parameters, redirectable, within }] as const;
    },
  );
  const parts = { mail: { ...mail, parameters: mail.parameters }, status, ready, running };
  return { ...parts, void: file.void ?? "none", succeeded, acceptWithin, jobs: new Map(jobs) };
}
