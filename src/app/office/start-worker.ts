import { type Transferable, Worker } from "node:worker_threads";

/** Starts a module of ours, given as the URL of its file without extension, in a worker thread. */
export function startWorker(module: URL, data: object, transfer: readonly Transferable[]): Worker {
  const fromSources = import.meta.url.endsWith(".ts");
  const entry = `${module.href}${fromSources ? ".ts" : ".js"}`;
  const first = fromSources ? new URL("from-sources.mjs", import.meta.url) : new URL(entry);
  return new Worker(first, { execArgv: [], workerData: { ...data, entry }, transferList: [...transfer] });
}
