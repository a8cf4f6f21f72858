import { checkSettingFiles } from "../../config/settings/check-setting-files.ts";
import type { ConfigIssue } from "../../config/source/config-issue.ts";
import { loadSettings, type SettingsSources } from "../../config/settings/settings.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import type { BrokerOptions } from "../../mqtt/broker/client-options.ts";
import { readSecret, readTls } from "../office/read-secret.ts";

/** What the command line says of the broker; it wins over the site settings. */
export interface MonitorWords {
  readonly settings?: string;
  readonly url?: string;
  readonly root?: string;
  readonly username?: string;
  readonly passwordFile?: string;
}

/** Where a master's messages are found, and how to get in. */
export type MonitorBroker = Pick<BrokerOptions, "url" | "username" | "password" | "tls"> & {
  /** Of the gateway's topics; `+` stands for a level that is not known. */
  readonly root: string;
};

/** Stands for the gateway's name where nobody gave one. */
const UNNAMED = "unnamed";
const ANY_GATEWAY = "takt/+";

const FLAGS = { TAKT_MQTT_URL: "--url", TAKT_MQTT_USERNAME: "--username", TAKT_MQTT_PASSWORD_FILE: "--password-file" };

/** The broker by the same settings as those of `takt run`, so that what was said for the one goes for the other. */
export function monitorBroker(
  words: MonitorWords,
  env: SettingsSources["env"],
): Result<MonitorBroker, readonly ConfigIssue[]> {
  const said = {
    TAKT_MQTT_URL: words.url,
    TAKT_MQTT_USERNAME: words.username,
    TAKT_MQTT_PASSWORD_FILE: words.passwordFile,
  };
  const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  const sources = { file: words.settings, env: { ...env, ...given }, hostname: UNNAMED };
  const settings = loadSettings(sources);
  if (!settings.ok) return err(byFlags(settings.failure, given));
  // the log is the master's, not ours
  const { mqtt, log, ...rest } = settings.value;
  const faults = checkSettingFiles({ ...rest, mqtt, log: { ...log, to: "stderr" } }, sources);
  if (faults.length > 0) return err(byFlags(faults, given));
  return ok({
    url: mqtt.url,
    root: words.root ?? (mqtt.root === `takt/${UNNAMED}` ? ANY_GATEWAY : mqtt.root),
    username: mqtt.username,
    password: readSecret(mqtt.passwordFile),
    tls: readTls(mqtt.tls),
  });
}

/** What came from the command line is called as it was there. */
function byFlags(issues: readonly ConfigIssue[], given: Readonly<Record<string, unknown>>): readonly ConfigIssue[] {
  const flags = Object.entries(FLAGS).filter(([variable]) => given[variable] !== undefined);
  return issues.map((issue) => {
    const flag = flags.find(([variable]) => issue.message.startsWith(`${variable}: `));
    return flag ? { ...issue, file: "command line", message: issue.message.replace(...flag) } : issue;
  });
}
