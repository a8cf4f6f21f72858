import {
  ADDRESS_COUNT,
  MAX_READ_BITS,
  MAX_READ_REGISTERS,
  MAX_READ_WRITE_REGISTERS,
  MAX_WRITE_BITS,
  MAX_WRITE_REGISTERS,
} from "./limits.ts";
import type { Request } from "./request.ts";

/** What makes `request` impossible to send, for people; undefined when it is within the protocol's limits. */
export function requestProblem(request: Request): string | undefined {
  switch (request.fc) {
    case 1:
    case 2:
      return rangeProblem(request.address, request.quantity, MAX_READ_BITS);
    case 3:
    case 4:
      return rangeProblem(request.address, request.quantity, MAX_READ_REGISTERS);
    case 5:
      return rangeProblem(request.address, 1, 1);
    case 6:
      return rangeProblem(request.address, 1, 1) ?? wordsProblem([request.value]);
    case 15:
      return rangeProblem(request.address, request.values.length, MAX_WRITE_BITS);
    case 16:
      return rangeProblem(request.address, request.values.length, MAX_WRITE_REGISTERS) ?? wordsProblem(request.values);
    case 22:
      return rangeProblem(request.address, 1, 1) ?? wordsProblem([request.and, request.or]);
    case 23:
      return (
        rangeProblem(request.address, request.quantity, MAX_READ_REGISTERS) ??
        rangeProblem(request.writeAddress, request.values.length, MAX_READ_WRITE_REGISTERS) ??
        wordsProblem(request.values)
      );
    case 17:
      return undefined;
    case 43:
      return isWithin(request.objectId, 0, 255) ? undefined : `object ${request.objectId} is outside 0..255`;
  }
}

function rangeProblem(address: number, quantity: number, most: number): string | undefined {
  if (!isWithin(quantity, 1, most)) return `quantity ${quantity} is outside 1..${most}`;
  if (isWithin(address, 0, ADDRESS_COUNT - quantity)) return undefined;
  return `address ${address} and quantity ${quantity} leave the table (0..${ADDRESS_COUNT - 1})`;
}

function wordsProblem(values: readonly number[]): string | undefined {
  const wrong = values.find((value) => !isWithin(value, 0, 0xffff));
  return wrong === undefined ? undefined : `register value ${wrong} is outside 0..65535`;
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
