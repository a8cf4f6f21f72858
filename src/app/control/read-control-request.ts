import { err, ok, type Result } from "../../kit/result.ts";
import { ms } from "../../kit/time.ts";
import type { Request } from "../../modbus/request.ts";
import { requestProblem } from "../../modbus/request-check.ts";
import type { AccessRequest, ControlRequest } from "./control-message.ts";

/** The longest a client may ask us to wait for a unit, in milliseconds. */
export const LONGEST_TIMEOUT = ms(10_000);

/** One line from a client, which may hold anything; the failure is a sentence for it. */
export function readControlRequest(line: string): Result<ControlRequest, string> {
  const fields = fieldsOf(parsed(line));
  if (!fields) return err("a request is one JSON object a line");
  if (fields["hello"] === 1) return ok({ hello: 1 });
  const trace = fieldsOf(fields["trace"]);
  if (trace) return typeof trace["line"] === "string" ? ok({ trace: { line: trace["line"] } }) : err(TRACE_LINE);
  const describe = fieldsOf(fields["describe"]);
  if (describe)
    return typeof describe["device"] === "string" ? ok({ describe: { device: describe["device"] } }) : err(DEVICE);
  const ask = fieldsOf(fields["ask"]);
  if (ask) return readAsk(ask);
  const access = fieldsOf(fields["access"]);
  return access ? readAccess(access) : err(`a request is {"hello":1} or {"access":{…}}`);
}

const TRACE_LINE = "trace.line is the name of a line";

const DEVICE = "device is the name of a device";

function readAsk({ device, kind, payload }: Fields): Result<ControlRequest, string> {
  if (typeof device !== "string") return err(DEVICE);
  if (kind !== "call" && kind !== "arm") return err("ask.kind is call or arm");
  return ok({ ask: { device, kind, payload } });
}

type Fields = Readonly<Record<string, unknown>>;

function readAccess({ line, unit, timeout, request }: Fields): Result<ControlRequest, string> {
  if (typeof line !== "string") return err("access.line is the name of a line");
  if (!isWithin(unit, 0, 255)) return err("access.unit is a number from 0 to 255");
  if (!isWithin(timeout, 1, LONGEST_TIMEOUT)) return err(`access.timeout is a number from 1 to ${LONGEST_TIMEOUT}`);
  const asked = readRequest(fieldsOf(request) ?? {});
  const problem = asked ? requestProblem(asked) : "access.request is no request";
  if (!asked || problem !== undefined) return err(problem ?? "");
  const access: AccessRequest = { line, unit, timeout: ms(timeout), request: asked };
  return ok({ access });
}

/** The request, taken apart and put together again: nothing else that the client wrote gets through. */
function readRequest(fields: Fields): Request | undefined {
  const { fc, address, quantity, value, values } = fields;
  switch (fc) {
    case 1:
    case 2:
    case 3:
    case 4:
      return isNumber(address) && isNumber(quantity) ? { fc, address, quantity } : undefined;
    case 5:
      return isNumber(address) && isFlag(value) ? { fc, address, value } : undefined;
    case 6:
      return isNumber(address) && isNumber(value) ? { fc, address, value } : undefined;
    case 15:
      return isNumber(address) && isListOf(values, isFlag) ? { fc, address, values } : undefined;
    case 16:
      return isNumber(address) && isListOf(values, isNumber) ? { fc, address, values } : undefined;
    case 17:
      return { fc };
    case 22:
      return readMask(fields);
    case 43:
      return readIdentification(fields);
    default:
      return undefined;
  }
}

function readMask({ address, and, or }: Fields): Request | undefined {
  return isNumber(address) && isNumber(and) && isNumber(or) ? { fc: 22, address, and, or } : undefined;
}

function readIdentification({ category, objectId }: Fields): Request | undefined {
  const known = ([1, 2, 3, 4] as const).find((one) => one === category);
  return known !== undefined && isNumber(objectId) ? { fc: 43, category: known, objectId } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}

function isListOf<T>(value: unknown, is: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every((item) => is(item));
}
