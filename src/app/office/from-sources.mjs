/**
 * Lets a worker start from a TypeScript file, which Node 20 cannot. Only from sources: the build starts its JavaScript
 * directly and has no use for this file.
 */
import { workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
await import(workerData.entry);
