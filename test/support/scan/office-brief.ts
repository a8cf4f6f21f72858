import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { OfficeBrief, OfficeSettings } from "../../../src/app/office/office-settings.ts";
import type { Plant } from "../../../src/config/plant/plant.ts";
import { ms } from "../../../src/kit/time.ts";

/** What an office of the tests is started with: quiet, quick, on the broker given. */
export function officeBrief(plant: Plant, url: string, root: string, given: Partial<OfficeSettings> = {}): OfficeBrief {
  return {
    plant,
    cycles: new Int32Array(new SharedArrayBuffer(4)),
    settings: {
      gateway: "test",
      runtimeDir: join(tmpdir(), `takt-test-${userInfo().uid}`),
      storeDir: undefined,
      version: "0.0.0",
      mqtt: {
        url,
        root,
        clientId: `takt-test-${process.pid}`,
        username: undefined,
        passwordFile: undefined,
        keepalive: ms(30_000),
        safeAfter: undefined,
        tls: { caFile: undefined, certFile: undefined, keyFile: undefined },
      },
      roles: { mqtt: "engineer", cli: "engineer", byTopic: false },
      publish: { stateInterval: ms(100), heartbeat: ms(60_000), statsInterval: ms(10_000), bareTags: false },
      log: { level: "error", format: "json", to: "stderr" },
      scan: { stallTimeout: ms(2000), realTime: "off" },
      ...given,
    },
  };
}
