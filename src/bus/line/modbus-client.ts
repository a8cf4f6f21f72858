import ModbusRTU from "modbus-serial";
import { invariant, InvariantError } from "../../kit/invariant.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import type { Failure } from "../../modbus/failure.ts";
import type { Answer, Request } from "../../modbus/request.ts";
import { requestProblem } from "../../modbus/request-check.ts";
import type { StrictPort } from "./strict-port.ts";

declare module "modbus-serial/ModbusRTU.js" {
  /** Methods of 8.0.25 that its types leave out. */
  interface ModbusRTU {
    writeFC17(
      unit: number,
      ignored: undefined,
      ignoredToo: undefined,
      next: NodeStyleCallback<ReportServerIDResult>,
    ): void;
    writeFC43(
      unit: number,
      category: number,
      objectId: number,
      next: NodeStyleCallback<{ readonly data: Readonly<Record<string, string>> }>,
    ): void;
  }
}

type Done = (result: Result<Answer, Failure>) => void;

/** modbus-serial as what it is good at: it encodes a request and decodes its answer, on a port that checks both. */
export class ModbusClient {
  readonly #library: ModbusRTU.default;
  readonly #port: StrictPort;

  constructor(port: StrictPort) {
    this.#port = port;
    this.#library = new ModbusRTU.default(port);
    this.#library.open(() => undefined);
  }

  /**
   * Sends `request` in `slot`; `done` is called when its checked answer or exception comes, or never; it must not
   * throw: the library would call it again.
   * Throws InvariantError when the request is beyond the protocol's limits.
   */
  ask(slot: number, unit: number, request: Request, done: Done): void {
    const problem = requestProblem(request);
    invariant(problem === undefined, `function ${request.fc}: ${problem ?? ""}`);
    this.#port._transactionIdWrite = slot;
    try {
      this.#encode(unit, request, done);
    } catch (cause) {
      throw new InvariantError(`modbus-serial refuses function ${request.fc}: ${String(cause)}`, { cause });
    }
  }

  #encode(unit: number, request: Request, done: Done): void {
    const library = this.#library;
    switch (request.fc) {
      case 1:
        return library.writeFC1(unit, request.address, request.quantity, bits(request.quantity, done));
      case 2:
        return library.writeFC2(unit, request.address, request.quantity, bits(request.quantity, done));
      case 3:
        return library.writeFC3(unit, request.address, request.quantity, settling(done, registers));
      case 4:
        return library.writeFC4(unit, request.address, request.quantity, settling(done, registers));
      case 5:
        return library.writeFC5(unit, request.address, request.value, settling(done, written));
      case 6:
        return library.writeFC6(unit, request.address, request.value, settling(done, written));
      case 15:
        return library.writeFC15(unit, request.address, [...request.values], settling(done, written));
      case 16:
        return library.writeFC16(unit, request.address, [...request.values], settling(done, written));
      case 22:
        return library.writeFC22(unit, request.address, request.and, request.or, settling(done, written));
      case 23:
        return library.writeFC23(
          unit,
          request.address,
          request.quantity,
          request.writeAddress,
          request.values.length,
          [...request.values],
          settling(done, registers),
        );
      case 17:
        return library.writeFC17(unit, undefined, undefined, settling(done, serverId));
      case 43:
        return library.writeFC43(unit, request.category, request.objectId, settling(done, identification));
    }
  }
}

const WRITTEN: Result<Answer, Failure> = ok({ kind: "written" });

function written(): Result<Answer, Failure> {
  return WRITTEN;
}

function registers(result: { readonly data: number[] }): Result<Answer, Failure> {
  return ok({ kind: "registers", registers: result.data });
}

interface ServerIdResult {
  readonly serverId: number;
  readonly running: boolean;
  readonly additionalData: Buffer;
}

function serverId(result: ServerIdResult): Result<Answer, Failure> {
  return ok({ kind: "serverId", id: result.serverId, running: result.running, data: result.additionalData });
}

function identification(result: { readonly data: Readonly<Record<string, string>> }): Result<Answer, Failure> {
  const objects = Object.entries(result.data).map(([id, text]) => [Number(id), text] as const);
  return ok({ kind: "identification", objects: new Map(objects) });
}

/** The library gives whole bytes: what lies beyond the quantity asked for is padding. */
function bits(quantity: number, done: Done): (error: Error | null, result: { data: boolean[] }) => void {
  return settling(done, (result) => ok({ kind: "bits", bits: result.data.slice(0, quantity) }));
}

/** The library's callback. What it complains about although our check let it pass is no answer either. */
function settling<T>(
  done: Done,
  answer: (result: T) => Result<Answer, Failure>,
): (error: Error | null, result: T) => void {
  return (error, result) => done(error ? err(failureOf(error)) : answer(result));
}

function failureOf(error: Error & { readonly modbusCode?: number }): Failure {
  if (error.modbusCode === undefined) return { kind: "mismatch", reason: error.message };
  return { kind: "exception", code: error.modbusCode };
}
