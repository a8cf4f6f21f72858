import { program, SR, TON } from "takt/program";

/*
 * The program of the demo cell. Boxes arrive on the infeed; the belt is held at the photo-eye of its exit, the pool of
 * arms gets a job for the box that stands there, and the belt goes on when the box is gone. Which arm carries it, and
 * what becomes of the job when an arm or this master dies, is the pool's business (docs/jobs.md). `run` and
 * `speedSetpoint` of the belt stay with whoever commands them.
 *
 * docs/programs.md explains what is used here; `takt types config/demo/plant.yaml` wrote takt-env.d.ts, from which an
 * editor knows the tags.
 */

const hold = SR();
const stands = TON("100ms");
const gone = TON("300ms");
const stays = TON("3s");
const unheard = TON("1s");

/** Jobs that are looked after. While the oldest of them is open no box gets another. */
const RECENT = 8;

const isOpen = (state: string | undefined) => state !== undefined && state !== "done" && state !== "failed";

export default program(
  {
    // How many boxes got a job, and whether the last of them is still waited for at the eye
    retain: { box: 0, waits: false },
    alarms: {
      undecided: { text: "Was the box carried? Look, and decide about its job", priority: "high" },
      failed: { text: "An arm has failed to carry a box", latch: true },
    },
  },
  ({ io, alarms, log, pools: { pickers }, retain }) => {
    // The arms do what the pool tells them, and nothing by themselves.
    io.picker1.auto = false;
    io.picker2.auto = false;

    // Bad tags of the belt end this cycle, and after half a second the outputs are safe.
    const eye = io.infeed.exitEye;
    const isGone = gone(!eye);
    io.infeed.holdAtExit = hold(eye, isGone);

    // The last job first. One that a person has decided about is nobody's failure: it has no result.
    const jobs = Array.from({ length: RECENT }, (_, back) => pickers.job(`box-${retain.box - back}`));
    const [job] = jobs;
    alarms.undecided = jobs.some((each) => each?.state === "quarantined");
    alarms.failed = jobs.some((each) => each?.state === "failed" && each.result !== undefined);

    // A box that stays when the job is over was not taken, or is the next one, which came while nobody looked.
    const isLeft = stays(eye && retain.waits && job !== undefined && !isOpen(job.state));
    if (retain.waits && isGone) log.info(`box ${retain.box} is gone`, { arm: job?.device ?? "none" });
    if (isGone || isLeft) retain.waits = false;

    const isNew = stands(eye && !io.infeed.running) && !retain.waits && !isOpen(jobs.at(-1)?.state);
    if (isNew) {
      retain.box += 1;
      retain.waits = true;
    }
    // An order that nothing is known of is given again every second: one id is one job, over restarts, too.
    const isUnheard = unheard(retain.waits && !isNew && !job && !unheard.Q);
    if (isNew || isUnheard) pickers.submit("carry", { box: String(retain.box) }, { id: `box-${retain.box}` });
  },
);
