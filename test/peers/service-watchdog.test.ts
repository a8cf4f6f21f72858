import assert from "node:assert/strict";
import { eventually } from "../support/processes/eventually.ts";
import { peer, PYTHON } from "../support/processes/peers.ts";
import { Program } from "../support/processes/program.ts";
import { SimulatedSite } from "../support/processes/simulated-site.ts";
import { startTakt } from "../support/processes/takt.ts";

/** What systemd gives a service with `WatchdogSec=300ms`, so that it is fed every 100 ms. */
const WATCHDOG = { WATCHDOG_USEC: "300000" };
const ALLOWED = 300;

describe("takt run as a service of systemd", () => {
  before(peer("systemd", "python"));

  let plant: SimulatedSite;
  let manager: Program;
  let takt: Program;

  beforeEach(async () => {
    plant = await SimulatedSite.start();
    const socket = plant.site.path("notify");
    manager = Program.start(PYTHON, ["test/peers/notify-socket.py", socket]);
    await manager.said(/listening/);
    const args = ["run", plant.site.path("plant.yaml"), "--settings", plant.site.path("settings.yaml")];
    takt = startTakt(args, { NOTIFY_SOCKET: socket, ...WATCHDOG });
  });

  afterEach(async () => {
    await takt.kill();
    await manager.kill();
    await plant.dispose();
  });

  const feedings = (): number => manager.out.match(/WATCHDOG=1/g)?.length ?? 0;

  it("says that it is ready, that it lives, and that it stops", async () => {
    await manager.said(/READY=1/);
    await eventually(() => feedings() >= 3, 15_000);
    assert.deepEqual(await takt.stop("SIGTERM"), { code: 0, signal: null });
    await manager.said(/STOPPING=1/);
    const states = manager.out.split("\n").filter((line) => /^(READY|WATCHDOG|STOPPING)=1$/.test(line));
    assert.equal(states[0], "READY=1");
    assert.equal(states.at(-1), "STOPPING=1");
    assert.equal(states.filter((state) => state === "WATCHDOG=1").length, states.length - 2);
  });

  it("does not feed the watchdog while its cycle stands still, and does again when it goes on", async () => {
    await eventually(() => feedings() >= 2, 15_000);
    takt.child.kill("SIGSTOP");
    const still = await standing(feedings, 5 * ALLOWED);
    takt.child.kill("SIGCONT");
    await eventually(() => feedings() > still, 15_000);
  });

  it("scans on while the service manager does not listen, and feeds the watchdog when it does again", async () => {
    await manager.said(/READY=1/);
    manager.child.kill("SIGSTOP");
    const writes = plant.writes.length;
    await eventually(() => plant.writes.length >= writes + 3, 15_000);
    const fed = feedings();
    manager.child.kill("SIGCONT");
    await eventually(() => feedings() >= fed + 2, 15_000);
  });
});

/** The number once it has not changed for so many milliseconds. */
async function standing(count: () => number, span: number): Promise<number> {
  let seen = count();
  let since = performance.now();
  await eventually(() => {
    if (count() !== seen) [seen, since] = [count(), performance.now()];
    return performance.now() - since >= span;
  }, 15_000);
  return seen;
}
