import { readFileSync } from "node:fs";
import type { BrokerOptions } from "../../mqtt/broker/client-options.ts";
import type { Settings } from "../../config/settings/settings.ts";

/** The content of a secret's file without the line end that editors add. Throws if it cannot be read. */
export function readSecret(path: string | undefined): string | undefined {
  return path === undefined ? undefined : readFileSync(path, "utf8").replace(/\r?\n$/, "");
}

/** The PEM texts of the files named. Throws if one cannot be read. */
export function readTls(files: Settings["mqtt"]["tls"]): BrokerOptions["tls"] {
  const read = (path: string | undefined): string | undefined => path && readFileSync(path, "utf8");
  return { ca: read(files.caFile), cert: read(files.certFile), key: read(files.keyFile), alpn: files.alpn };
}
