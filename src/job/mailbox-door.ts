import { encodeMail, type Mail, mailboxEntry } from "../device/mail.ts";
import type { Device } from "../device/profile.ts";
import type { Value } from "../device/quality.ts";
import type { TagEntry } from "../device/tag-table.ts";
import { invariant } from "../kit/invariant.ts";
import { err, ok, type Result } from "../kit/result.ts";
import { type Instant, type Ms, ms, plus } from "../kit/time.ts";
import { ownAsking } from "../scan/outputs/asking.ts";
import type { Outputs, PendingWrite } from "../scan/outputs/outputs.ts";
import type { InputImage } from "../scan/image/process-image.ts";
import type { MailboxStatus } from "./evidence.ts";

/** A mail that could not be sent within this is given up. */
const SEND_WITHIN = ms(1000);

const JOB_ASKS = ownAsking("job");

/** A status with the time when it was asked for. */
export interface StatusReading {
  readonly status: MailboxStatus;
  readonly askedAt: Instant;
}

/** The mailbox of one device: its status out of the image, and mails through the output gate, each as one pulse. */
export class MailboxDoor {
  readonly #device: Device;
  readonly #outputs: Outputs;
  readonly #image: InputImage;
  readonly #mail: TagEntry;
  readonly #index: Readonly<Record<Seen, number>>;
  readonly #ready: number;
  readonly #running: number | undefined;

  constructor(
    device: Device,
    entries: readonly TagEntry[],
    { outputs, image }: { outputs: Outputs; image: InputImage },
  ) {
    const { mailbox, bootId } = device.profile;
    invariant(mailbox !== undefined && bootId !== undefined, `${device.name} has no mailbox`);
    const own = new Map(entries.flatMap((entry) => (entry.device === device ? [[entry.tag.name, entry.index]] : [])));
    const indexOf = (tag: string): number => {
      const index = own.get(tag);
      invariant(index !== undefined, `${device.name} has no tag ${tag}`);
      return index;
    };
    const { epoch, accepted, done, result, rejected, rejectReason } = mailbox.status;
    this.#device = device;
    this.#outputs = outputs;
    this.#image = image;
    this.#mail = mailboxEntry(device);
    this.#ready = indexOf(mailbox.ready);
    this.#running = mailbox.running === undefined ? undefined : indexOf(mailbox.running);
    this.#index = {
      boot: indexOf(bootId),
      epoch: indexOf(epoch),
      accepted: indexOf(accepted),
      done: indexOf(done),
      result: indexOf(result),
      rejected: indexOf(rejected),
      rejectReason: indexOf(rejectReason),
    };
  }

  /** What the last reading showed; undefined unless all of it is good and from one transaction. */
  read(): StatusReading | undefined {
    const { boot, epoch, accepted, done, result, rejected, rejectReason } = this.#index;
    const first = this.#image.sample(accepted);
    const seen = (index: number): Value | undefined => {
      const { value, quality, sourceTime } = this.#image.sample(index);
      return quality === "good" && sourceTime === first.sourceTime ? (value ?? undefined) : undefined;
    };
    const all = [boot, epoch, accepted, done, result, rejected, rejectReason].map(seen);
    if (first.sourceTime === undefined || all.includes(undefined)) return undefined;
    const running = this.#running === undefined ? undefined : this.#image.sample(this.#running);
    return {
      askedAt: first.sourceTime,
      status: {
        boot: Number(all[0]),
        epoch: Number(all[1]),
        accepted: Number(all[2]),
        done: Number(all[3]),
        result: String(all[4]),
        rejected: Number(all[5]),
        rejectReason: String(all[6]),
        running: running?.quality === "good" ? running.value === true : undefined,
      },
    };
  }

  /** Whether the device said after `since` that it would take a job. */
  isReady(since: Instant): boolean {
    const { value, quality, sourceTime } = this.#image.sample(this.#ready);
    return quality === "good" && value === true && sourceTime !== undefined && sourceTime > since;
  }

  /**
   * Writes a mail, at most once; or says why the gate lets nothing through. `within`: how long it may wait for the line, and
   * for a device that says that it is busy.
   */
  post(mail: Mail, now: Instant, within: Ms = SEND_WITHIN): Result<PendingWrite, string> {
    const registers = encodeMail(this.#device.profile, mail);
    if (!registers.ok) return err(registers.failure);
    const passed = this.#outputs.judge(this.#mail, registers.value, JOB_ASKS);
    if (!passed.ok) return passed;
    const sendBy = plus(now, ms(Math.min(within, SEND_WITHIN)));
    return ok(this.#outputs.command(this.#mail, passed.value, { sendBy, asking: JOB_ASKS }));
  }
}

type Seen = keyof Omit<MailboxStatus, "running">;
