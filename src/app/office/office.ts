import { MessagePort, parentPort, workerData } from "node:worker_threads";
import { invariant } from "../../kit/invariant.ts";
import type { OfficeBrief } from "./office-settings.ts";
import type { OfficeReady } from "./office-ready.ts";
import { runOffice } from "./run-office.ts";

/** The office worker's entry: `workerData` is what start-office gives it. */
const { brief, port } = workerData as { readonly brief: OfficeBrief; readonly port: unknown };
invariant(port instanceof MessagePort, "the office is started with its end of the link");
await runOffice(brief, port, (ready: OfficeReady) => parentPort?.postMessage(ready));
