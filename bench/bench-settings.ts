import type { OfficeSettings } from "../src/app/office/office-settings.ts";
import { ms } from "../src/kit/time.ts";

/** An office that publishes to a broker on loopback and logs next to nothing. */
export function benchSettings(brokerPort: number): OfficeSettings {
  return {
    gateway: "bench",
    runtimeDir: undefined,
    storeDir: undefined,
    version: "bench",
    mqtt: {
      url: `mqtt://127.0.0.1:${brokerPort}`,
      root: "takt/bench",
      clientId: `takt-bench-${process.pid}`,
      username: undefined,
      passwordFile: undefined,
      keepalive: ms(30_000),
      safeAfter: undefined,
      tls: { caFile: undefined, certFile: undefined, keyFile: undefined },
    },
    roles: { mqtt: "engineer", cli: "engineer", byTopic: false },
    publish: { stateInterval: ms(1000), heartbeat: ms(60_000), statsInterval: ms(10_000), bareTags: false },
    log: { level: "error", format: "json", to: "stderr" },
    scan: { stallTimeout: ms(10_000), realTime: "off" },
  };
}
