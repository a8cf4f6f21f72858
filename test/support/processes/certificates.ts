import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { programPath } from "./peers.ts";

/** A certificate and its key, as PEM files. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** An authority of the tests' own in a folder, by openssl. */
export class Authority {
  readonly ca: string;
  readonly #folder: string;

  constructor(folder: string, name = "ca") {
    this.#folder = folder;
    this.ca = this.#path(`${name}.pem`);
    this.#name = name;
    this.#openssl(
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-keyout", this.#path(`${name}.key`), "-out", this.ca, "-days", "2", "-subj", `/CN=takt test ${name}`],
    );
  }

  readonly #name: string;

  /** `days`: how long it is valid from now on; negative: it has expired. */
  issue(name: string, days = 2): CertificateFiles {
    const files = { cert: this.#path(`${name}.pem`), key: this.#path(`${name}.key`) };
    const request = this.#path(`${name}.csr`);
    const extensions = this.#path("extensions");
    writeFileSync(extensions, "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
    this.#openssl(
      ...["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-keyout", files.key, "-out", request, "-subj", `/CN=${name}`],
    );
    this.#openssl(
      ...["x509", "-req", "-in", request, "-CA", this.ca, "-CAkey", this.#path(`${this.#name}.key`)],
      ...["-CAcreateserial", "-days", String(days), "-extfile", extensions, "-out", files.cert],
    );
    return files;
  }

  #path(file: string): string {
    return join(this.#folder, file);
  }

  #openssl(...args: readonly string[]): void {
    execFileSync(programPath("openssl") ?? "openssl", args, { stdio: "ignore" });
  }
}
