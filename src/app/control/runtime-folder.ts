import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** Where running masters put their control sockets unless a setting says otherwise. */
export function defaultRuntimeFolder(env: Readonly<Record<string, string | undefined>>): string {
  const named = env["TAKT_RUNTIME_DIR"];
  if (named) return named;
  const session = env["XDG_RUNTIME_DIR"];
  return session ? join(session, "takt") : join(tmpdir(), `takt-${userInfo().uid}`);
}

/** Makes the folder, for its owner alone. Throws where it cannot be made or is not to be trusted. */
export function makeRuntimeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const problem = folderProblem(folder);
  if (problem !== undefined) throw new Error(problem);
}

/** Why the sockets in `folder` are not to be trusted; somebody else could have put them there. */
export function folderProblem(folder: string): string | undefined {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (!found) return `${folder} does not exist`;
  if (!found.isDirectory()) return `${folder} is no folder`;
  if (found.uid !== userInfo().uid) return `${folder} belongs to another user`;
  return (found.mode & 0o022) === 0 ? undefined : `${folder} can be written by others`;
}
