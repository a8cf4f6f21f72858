import { createRequire } from "node:module";

const { resolve } = createRequire(import.meta.url);

/**
 * The path of a file that comes with takt, as seen from its package.json. Not by `import.meta.resolve`: a program's test may
 * load takt through a loader that makes CommonJS of it, and has none.
 */
export function packageFile(path: string): string {
  return resolve(`#package/${path}`);
}
