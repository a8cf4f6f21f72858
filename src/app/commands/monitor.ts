import { formatIssues } from "../../config/source/config-issue.ts";
import { systemRandom } from "../../kit/random.ts";
import { systemClock } from "../../kit/system-clock.ts";
import { ms } from "../../kit/time.ts";
import { BrokerConnection } from "../../mqtt/broker/broker-connection.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";
import { LiveScreen } from "../monitor/live-screen.ts";
import { PlantView, type StatusChange, type ViewChange } from "../monitor/plant-view.ts";
import { monitorBroker, type MonitorBroker, type MonitorWords } from "../monitor/monitor-broker.ts";
import { renderChange } from "../monitor/render-change.ts";
import { renderGrid } from "../monitor/render-grid.ts";
import { renderTable } from "../monitor/render-table.ts";

export interface MonitorOptions extends MonitorBroker {
  /** Every message as a line of JSON. */
  readonly json: boolean;
  /** Lines above the table. */
  readonly notes?: readonly string[];
}

/** A snapshot of a large device may be long. */
const MAXIMUM_PACKET = 4_194_304;
const FAREWELL = ms(500);

/** `takt monitor`: shows a plant, at the broker that the settings and the command line name, until SIGINT or SIGTERM. */
export async function monitorBySettings(
  words: MonitorWords & { readonly json: boolean },
  out: (text: string) => void,
): Promise<ExitCode> {
  const broker = monitorBroker(words, process.env);
  if (!broker.ok) {
    out(formatIssues(broker.failure));
    return EXIT.invalid;
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  return monitor({ ...broker.value, json: words.json }, stop.signal);
}

/**
 * Shows a plant over MQTT until `stop` is aborted: a table on a terminal, a line per change elsewhere.
 * The broker may come and go.
 */
export async function monitor(options: MonitorOptions, stop: AbortSignal): Promise<ExitCode> {
  const { root, json, notes = [] } = options;
  const view = new PlantView(root);
  const broker = brokerOf(options);
  const seen = new Set<string>();
  const tell = (change: ViewChange | StatusChange): void => {
    const isNews = "status" in change || change.live || !seen.has(change.device);
    if (isNews) print(renderChange(change, systemClock.wall()));
    if (!("status" in change)) seen.add(change.device);
  };
  let connection = "connecting";
  const screen =
    process.stdout.isTTY && !json
      ? screenOf(notes, () => `${root} on ${options.url} (${connection})`, view)
      : undefined;
  broker.changes.on((state) => {
    connection = state.state === "up" ? "connected" : `no broker: ${state.reason}`;
    if (!screen && state.state === "down" && state.attempt === 1) process.stderr.write(`takt monitor: ${connection}\n`);
  });
  broker.received.on(({ topic, payload }) => {
    const text = Buffer.from(payload).toString();
    const change = view.take(topic, text);
    if (json) print(JSON.stringify({ topic, payload: parsed(text) }));
    else if (!screen && change) tell(change);
  });
  broker.open();
  await aborted(stop);
  screen?.close();
  await broker.close(FAREWELL);
  return EXIT.done;
}

function brokerOf({ url, root, username, password, tls }: MonitorOptions): BrokerConnection {
  const options = {
    url,
    clientId: `takt-monitor-${process.pid}-${Math.floor(systemRandom() * 1e6)}`,
    username,
    password,
    keepalive: ms(30_000),
    tls,
    will: undefined,
    subscriptions: ["status", "meta", "state", "data", "stats", "alarms"].map((leaf) => `${root}/+/${leaf}`),
    wantsRetained: true,
    maximumPacket: MAXIMUM_PACKET,
  };
  return new BrokerConnection(options, { clock: systemClock, random: systemRandom });
}

function screenOf(notes: readonly string[], title: () => string, view: PlantView): LiveScreen {
  return new LiveScreen(process.stdout, systemClock, (size) => {
    const { gateway, timing, alarms, devices } = view;
    const table = { title: title(), gateway, timing, alarms, devices };
    const left = { ...size, height: size.height - notes.length };
    const full = renderTable(table, systemClock.wall(), { ...left, height: Infinity });
    return [...notes, ...(full.length <= left.height ? full : renderGrid(table, systemClock.wall(), left))];
  });
}

/** A reader that cannot keep up, or is gone, loses lines; the monitor keeps none of them. */
function print(line: string): void {
  if (!process.stdout.writableNeedDrain) process.stdout.write(`${line}\n`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
