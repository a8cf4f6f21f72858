import ModbusRTU from "modbus-serial";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";
import type { Request } from "../../../src/modbus/request.ts";

/** How long an unsettled promise is watched before it is said to hang. */
const WATCHED = ms(400);

/** modbus-serial on its own TcpPort, used as its README says. */
export class LibraryPort {
  readonly client = new ModbusRTU.default();

  /** `timeout` in milliseconds; undefined: none set, as is the library's default. */
  static async open(port: number, timeout: number | undefined): Promise<LibraryPort> {
    const library = new LibraryPort();
    library.client.on("error", () => undefined);
    await library.client.connectTCP("127.0.0.1", { port });
    library.client.setID(1);
    if (timeout !== undefined) library.client.setTimeout(timeout);
    return library;
  }

  /** What becomes of `request`: its data as JSON, `error: …`, or `hangs`. */
  async ask(request: Request): Promise<string> {
    const settled = this.#ask(request).then(
      (result) => JSON.stringify("data" in result ? result.data : "success"),
      (error: unknown) => `error: ${messageOf(error)}`,
    );
    return within(settled);
  }

  #ask(request: Request): Promise<{ readonly data: unknown } | object> {
    switch (request.fc) {
      case 1:
        return this.client.readCoils(request.address, request.quantity);
      case 3:
        return this.client.readHoldingRegisters(request.address, request.quantity);
      case 5:
        return this.client.writeCoil(request.address, request.value);
      case 6:
        return this.client.writeRegister(request.address, request.value);
      case 15:
        return this.client.writeCoils(request.address, [...request.values]);
      case 16:
        return this.client.writeRegisters(request.address, [...request.values]);
      case 22:
        return this.client.maskWriteRegister(request.address, request.and, request.or);
      default:
        throw new TypeError(`function ${request.fc} is not compared`);
    }
  }

  close(): void {
    this.client.destroy(() => undefined);
  }
}

/** `hangs` when `settled` does not come in time. */
export function within(settled: Promise<string>): Promise<string> {
  return new Promise((resolve) => {
    const timer = systemClock.after("watch", WATCHED, () => resolve("hangs"));
    const settle = (text: string): void => {
      timer.cancel();
      resolve(text);
    };
    settled.then(settle, (error: unknown) => settle(`error: ${messageOf(error)}`));
  });
}

/** Its timeouts are no instances of Error. */
function messageOf(error: unknown): string {
  return typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error);
}
