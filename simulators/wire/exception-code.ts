/** What a slave answers when it will not (Modbus Application Protocol V1.1b3, 7). */
export const ILLEGAL_FUNCTION = 1;
export const ILLEGAL_ADDRESS = 2;
export const ILLEGAL_VALUE = 3;
export const GATEWAY_PATH_UNAVAILABLE = 10;
export const GATEWAY_TARGET_SILENT = 11;

/** The exception answer to a request of function `fc`: the function's number with its high bit set, and the code. */
export function exceptionAnswer(fc: number, code: number): Buffer {
  return Buffer.of(fc | 0x80, code);
}
