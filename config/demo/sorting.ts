import { program, R_TRIG, SR, TON } from "takt/program";

/*
 * The program of the demo cell. Boxes arrive on the infeed; the belt is held at the photo-eye of its exit, an arm is
 * asked to pick, and the belt goes on when the box is gone. `run` and `speedSetpoint` stay with whoever commands them.
 *
 * docs/programs.md explains what is used here; `takt types config/demo/plant.yaml` wrote takt-env.d.ts, from which an
 * editor knows the tags.
 */

const ARMS = ["picker1", "picker2"] as const;

const hold = SR();
const stands = TON("100ms");
const gone = TON("300ms");
const took = { picker1: R_TRIG(), picker2: R_TRIG() };

export default program({ retain: { picked: 0 } }, ({ io, log, retain }) => {
  // Bad tags of the belt end this cycle, and after half a second the outputs are safe.
  const box = io.infeed.exitEye;
  io.infeed.holdAtExit = hold(box, gone(!box));
  const waits = stands(box && !io.infeed.running);

  // An arm that is dead or faulty is left out, and the other one goes on: therefore `peek`.
  const fit = ARMS.filter((arm) => io.peek(`${arm}.fault`).value === false);
  const asked = waits ? fit[retain.picked % fit.length] : undefined;
  for (const arm of fit) {
    io[arm].auto = arm === asked;
    if (took[arm](io[arm].holding)) {
      retain.picked += 1;
      log.info(`${arm} has box ${retain.picked}`);
    }
  }
});
