import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The lateness of a timer that does nothing else, in milliseconds: what the kernel allows at all, at that priority. */
export async function cyclictest(period: number, seconds: number, realTime: boolean): Promise<number[]> {
  const policy = realTime ? ["--policy=fifo", "--priority=10"] : ["--policy=other"];
  const times = ["-i", String(period * 1000), "-D", String(seconds)];
  // Its own remedy against sleeping processors would be takt's, too.
  const { stdout } = await run("cyclictest", [...policy, ...times, "--default-system", "-q", "-t1", "-h", "50000"]);
  return [...stdout.matchAll(/^(\d{6}) (\d{6,})$/gm)].flatMap(([, late = "", count = ""]) =>
    Array<number>(Number(count)).fill(Number(late) / 1000),
  );
}
