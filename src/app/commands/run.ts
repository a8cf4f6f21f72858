import { hostname } from "node:os";
import { checkSettingFiles } from "../../config/settings/check-setting-files.ts";
import { formatIssues } from "../../config/source/config-issue.ts";
import { loadSettings, type Settings } from "../../config/settings/settings.ts";
import { errorMessage, errorStack } from "../../kit/error-message.ts";
import { type Logger, loggerTo } from "../../kit/logger.ts";
import { systemRandom } from "../../kit/random.ts";
import { blockUntil, systemClock } from "../../kit/system-clock.ts";
import { ms, plus } from "../../kit/time.ts";
import { lastStretch } from "../../scan/cycle/pacemaker.ts";
import type { LoadedProgram } from "../../scan/program/program-run.ts";
import { findGateway } from "../control/find-master.ts";
import { defaultRuntimeFolder } from "../control/runtime-folder.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";
import { loadWorkablePlant } from "../plan/load-workable-plant.ts";
import { loadPrograms } from "../programs/load-programs.ts";
import { type OfficeBrief, officeSettings } from "../office/office-settings.ts";
import type { Recalled } from "../../link/messages.ts";
import type { ScanEnd } from "../../link/scan-end.ts";
import { startOffice } from "../office/start-office.ts";
import { defaultStoreFolder } from "../office/store-folder.ts";
import type { Unconfirmed } from "../scan/safe-stop.ts";
import { collectAlone } from "../scan/collect-alone.ts";
import { ScanSide } from "../scan/scan-side.ts";
import { scheduleScanThread } from "../scan/schedule-scan-thread.ts";
import { type StopReason, stopRequested } from "../scan/stop-requested.ts";
import { serviceManager } from "../service/service-manager.ts";
import type { Supervisor } from "../service/supervisor.ts";
import { readVersion } from "../process/version.ts";

export interface RunOptions {
  readonly settings?: string;
  readonly readOnly: boolean;
  readonly holdOutputs: boolean;
  /** Runs a plant whose lines cannot hold what it reads, and says so over MQTT. */
  readonly allowOverload?: boolean;
}

/** Outputs get this long to reach their safe state on an orderly stop, and the office what is left of the whole. */
const SAFE_WITHIN = ms(1500);
const STOPPED_WITHIN = ms(2300);

/** `takt run`: masters the plant until it is told to stop. */
export async function run(file: string, options: RunOptions, out: (text: string) => void): Promise<ExitCode> {
  const sources = { file: options.settings, env: process.env, hostname: hostname() };
  const settings = loadSettings(sources);
  const plant = loadWorkablePlant(file, options);
  const ofSettings = settings.ok ? checkSettingFiles(settings.value, sources) : settings.failure;
  if (!settings.ok || !plant.ok || ofSettings.length > 0) {
    out(formatIssues([...ofSettings, ...(plant.ok ? [] : plant.failure)]));
    return EXIT.invalid;
  }
  const programs = loadPrograms(plant.value.plant);
  if (!programs.ok) {
    out(formatIssues(programs.failure));
    return EXIT.invalid;
  }
  const twin = await twinOf(settings.value);
  if (twin !== undefined) {
    out(twin);
    return EXIT.invalid;
  }
  const cycles = new Int32Array(new SharedArrayBuffer(4));
  const overloads = plant.value.overloads.map(({ message }) => message);
  collectAlone();
  const scheduling = await scheduleScanThread(settings.value.scan.realTime, { clock: systemClock });
  if (scheduling.mode === "normal" && settings.value.scan.realTime === "required") {
    out(`takt: no real-time priority, which scan.realTime requires: ${scheduling.reason}\n  ${scheduling.mend ?? ""}`);
    return EXIT.failed;
  }
  const { plant: workable } = plant.value;
  const storeDir = settings.value.storeDir ?? defaultStoreFolder(process.env, settings.value.gateway);
  const ofOffice = { ...officeSettings(settings.value, readVersion()), storeDir };
  return master(
    { plant: workable, settings: ofOffice, overloads, scheduling, cycles },
    { ...options, programs: programs.value },
    out,
  );
}

/** Why a master that is running already must not get this one beside it; undefined: there is none of its name. */
async function twinOf({ gateway, runtimeDir }: Settings): Promise<string | undefined> {
  const folder = runtimeDir ?? defaultRuntimeFolder(process.env);
  // What is there and does not talk is told by the office, when it makes its own socket there.
  const twin = await findGateway(gateway, { folder, clock: systemClock, warn: () => undefined });
  return (
    twin &&
    `takt: gateway ${gateway} is running already (pid ${twin.pid}, plant ${twin.plant}); a second one would throw it off the broker and write to its outputs\n` +
      `  stop that one first, or give this one a name of its own: gateway in its settings, or TAKT_GATEWAY`
  );
}

/** What a checked command line comes to. */
interface Work extends RunOptions {
  readonly programs: readonly LoadedProgram[];
}

async function master(brief: OfficeBrief, options: Work, out: (text: string) => void): Promise<ExitCode> {
  const office = await startOffice(brief).catch((error: unknown) => {
    out(`takt: ${errorMessage(error)}`);
  });
  if (!office) return EXIT.failed;
  const { link, recalled } = office;
  const logger = loggerTo((record) => link.log(record));
  const service = serviceManager({ env: process.env, pid: process.pid, clock: systemClock, logger });
  try {
    return await scanUntilStopped(brief, { link, recalled, logger, supervisor: service?.supervisor, options, out });
  } catch (error) {
    // Nothing scans: an office that went on would say that somebody does.
    out(`takt: ${errorStack(error)}`);
    await link.stopped(plus(systemClock.now(), STOPPED_WITHIN));
    return EXIT.failed;
  } finally {
    service?.close();
  }
}

interface Surroundings {
  readonly link: ScanEnd;
  readonly recalled: Recalled;
  readonly logger: Logger;
  readonly supervisor: Supervisor | undefined;
  readonly options: Work;
  readonly out: (text: string) => void;
}

async function scanUntilStopped(
  { plant, settings, scheduling, cycles }: OfficeBrief,
  { link, recalled, logger, supervisor, options, out }: Surroundings,
): Promise<ExitCode> {
  const stop = stopRequested({ excuses: (error) => scan.blame(error) });
  let watched = true;
  const contradictions: unknown[] = [];
  const scan = new ScanSide({
    plant,
    programs: options.programs,
    link,
    recalled,
    clock: systemClock,
    random: systemRandom,
    logger,
    lastStretch: lastStretch(plant.scan.period, blockUntil),
    readOnly: options.readOnly,
    roles: settings.roles,
    safeAfter: settings.mqtt.safeAfter,
    statsInterval: settings.publish.statsInterval,
    onCycle: () => {
      if (!watched) return;
      Atomics.add(cycles, 0, 1);
      supervisor?.completed();
    },
    onBroken: (error) => {
      contradictions.push(error);
      stop.broken(error);
    },
  });
  logger.info("master.started", {
    plant: plant.name,
    version: readVersion(),
    readOnly: options.readOnly,
    pid: process.pid,
  });
  logger.info("scan.scheduling", { ...scheduling });
  scan.start();
  const reason = await stop.requested;
  // The watch over the scan ends here: from now on standing still is in order.
  watched = false;
  Atomics.store(cycles, 0, 0);
  supervisor?.stopping();
  logger.info("master.stopping", { reason: reason.description });
  const asked = systemClock.now();
  const unconfirmed = await scan.stop({ holdOutputs: options.holdOutputs, by: plus(asked, SAFE_WITHIN) });
  for (const output of unconfirmed) logger.error("output.notSafe", { ...output });
  await link.stopped(plus(asked, STOPPED_WITHIN));
  stop.end();
  out(farewell(reason, unconfirmed, options));
  if (contradictions.length > 0 || reason.kind === "broken") return EXIT.failed;
  return unconfirmed.length > 0 ? EXIT.notSafe : EXIT.done;
}

function farewell(
  reason: StopReason,
  unconfirmed: readonly Unconfirmed[],
  { holdOutputs, readOnly }: RunOptions,
): string {
  const why = `takt stopped: ${reason.description}.`;
  if (readOnly) return `${why} Nothing was ever written.`;
  if (holdOutputs) return `${why} Outputs were left as they are.`;
  if (unconfirmed.length === 0) return `${why} All outputs with a declared safe value are in it.`;
  const list = unconfirmed.map(({ device, tag, reason: cause }) => `  ${device}.${tag}: ${cause}`);
  return [`${why} NOT confirmed to be in their safe state:`, ...list].join("\n");
}
