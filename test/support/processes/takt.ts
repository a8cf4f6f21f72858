import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Program } from "./program.ts";

export const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));

/** Where masters of the tests keep what they remember unless their settings say otherwise. */
const TEST_STATE = join(tmpdir(), `takt-test-state-${userInfo().uid}`);

/** The environment without takt's settings, which a developer's shell may hold. */
export function cleanEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("TAKT_"));
  return { ...Object.fromEntries(inherited), XDG_STATE_HOME: TEST_STATE, ...more };
}

/** takt as its user starts it from a checkout. */
export function startTakt(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  return Program.start(process.execPath, ["--import", "tsx", "src/app/takt.ts", ...args], {
    cwd: REPOSITORY,
    env: cleanEnvironment(env),
  });
}

/** A folder as a site has it: plant, profiles, settings and log. */
export class Site {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** `files` by their paths in the folder. */
  static async create(files: Readonly<Record<string, string>>): Promise<Site> {
    const site = new Site(await mkdtemp(join(tmpdir(), "takt-site-")));
    for (const [path, content] of Object.entries(files)) await site.write(path, content);
    return site;
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  async write(file: string, content: string): Promise<void> {
    await mkdir(dirname(this.path(file)), { recursive: true });
    await writeFile(this.path(file), content);
  }

  /** `takt run` on the site's plant and settings. */
  run(...options: readonly string[]): Program {
    return startTakt(["run", this.path("plant.yaml"), "--settings", this.path("settings.yaml"), ...options]);
  }

  log(): Promise<string> {
    return readFile(this.path("takt.log"), "utf8").catch(() => "");
  }

  dispose(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

/** Settings of a site with everything published often. */
export function siteSettings(broker: string, more = ""): string {
  return `gateway: site
runtimeDir: ./run
storeDir: ./store
mqtt: { url: "${broker}" }
publish: { stateInterval: 100ms, statsInterval: 500ms }
log: { to: ./takt.log }
${more}`;
}

/** Where the topics of such a site begin. */
export const SITE_ROOT = "takt/site";
