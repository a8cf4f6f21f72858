import { subscribe } from "node:diagnostics_channel";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import type { Context, RootHookObject, Suite } from "mocha";

/** How long closing sockets and ending children may take to be gone. */
const GRACE_MS = 2000;

/** How long the process may live on after the last test. */
const LINGER_MS = 5000;

/** What kept the process alive before the first test: pipes to the terminal, the loader's thread. */
let baseline = new Map<string, number>();

/** Node does not count workers among the active resources. One that is unreferenced keeps nothing alive. */
const workers = new Set<Worker>();
subscribe("worker_threads", (message) => {
  const { worker } = message as { readonly worker: Worker };
  workers.add(worker);
  worker.once("exit", () => workers.delete(worker));
  const unref = worker.unref.bind(worker);
  worker.unref = () => {
    workers.delete(worker);
    unref();
  };
});

/**
 * Fails every test file that leaves a timer, socket, server, child or worker behind: the last `after` hook of each
 * file's suites looks at what still keeps the process alive.
 */
export const mochaHooks: RootHookObject = {
  async beforeAll(this: Context) {
    await nextTurn();
    baseline = activeResources();
    for (const suite of this.test?.parent?.suites ?? []) {
      suite.afterAll("leaves nothing behind", () => assertNothingLeft(suite));
    }
  },
};

/** The last net: the run ends by itself or it has failed. */
export function mochaGlobalTeardown(): void {
  setTimeout(() => {
    const alive = [...activeResources()].map(([name, count]) => `${count} ${name}`);
    console.error(`the process lives on after the last test, kept by ${alive.join(", ")}`);
    // Mocha's own exit handler would put back the code of a run without failures.
    process.once("exit", () => {
      process.exitCode = 1;
    });
    process.exit();
  }, LINGER_MS).unref();
}

async function assertNothingLeft(suite: Suite): Promise<void> {
  await nextTurn();
  const attempts = 100;
  for (let attempt = 0; attempt < attempts && leftBehind().length > 0; attempt++) {
    await sleep(GRACE_MS / attempts);
    await nextTurn();
  }
  const left = leftBehind();
  baseline = activeResources();
  if (left.length > 0) throw new Error(`${suite.file ?? suite.title} left behind: ${left.join(", ")}`);
}

function leftBehind(): string[] {
  return [...activeResources()]
    .map(([name, count]) => [name, count - (baseline.get(name) ?? 0)] as const)
    .filter(([, extra]) => extra > 0)
    .map(([name, extra]) => `${extra} ${name}`);
}

/**
 * How many resources of each kind keep the process alive; callbacks already due are none. Mocha's timer for the hook
 * counts from the hook's first turn of the event loop on, hence the turn before every look.
 */
function activeResources(): Map<string, number> {
  const counts = new Map<string, number>(workers.size > 0 ? [["Worker", workers.size]] : []);
  for (const name of process.getActiveResourcesInfo()) {
    if (name !== "Immediate" && name !== "CloseReq") counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
