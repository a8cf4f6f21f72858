import { exceptionName } from "../../modbus/exception.ts";
import type { RecordedFrame } from "./recording.ts";

const NAMES: ReadonlyMap<number, string> = new Map([
  [1, "read coil"],
  [2, "read discrete"],
  [3, "read holding"],
  [4, "read input"],
  [5, "write coil"],
  [6, "write holding"],
  [15, "write coils"],
  [16, "write registers"],
  [17, "server id"],
  [22, "mask holding"],
  [23, "read and write registers"],
  [43, "identification"],
]);

/** What a frame says, in one line for people; bytes that make no frame are shown as they are. */
export function describeFrame({
  protocol,
  direction,
  bytes,
}: Pick<RecordedFrame, "protocol" | "direction" | "bytes">): string {
  const frame = Buffer.from(bytes);
  const unit = protocol === "rtu" ? frame[0] : frame[6];
  const pdu = protocol === "rtu" ? frame.subarray(1, -2) : frame.subarray(7);
  const code = pdu[0];
  if (unit === undefined || code === undefined) return `${frame.length} bytes`;
  const who = protocol === "tcp" ? `#${frame.readUInt16BE(0)} unit ${unit}` : `unit ${unit}`;
  if ((code & 0x80) !== 0) return `${who} ${nameOf(code & 0x7f)}: exception ${exceptionName(pdu[1] ?? 0)}`;
  const said = direction === "sent" ? questionText(code, pdu) : answerText(code, pdu);
  return `${who} ${nameOf(code)}${said === "" ? "" : ` ${said}`}`;
}

function nameOf(code: number): string {
  return NAMES.get(code) ?? `function ${code}`;
}

function questionText(code: number, pdu: Buffer): string {
  if (pdu.length < 5) return "";
  const address = pdu.readUInt16BE(1);
  const second = pdu.readUInt16BE(3);
  switch (code) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 15:
    case 16:
    case 23:
      return second > 1 ? `${address}..${address + second - 1}` : `${address}`;
    case 5:
      return `${address} = ${second === 0 ? "off" : "on"}`;
    case 6:
      return `${address} = ${second}`;
    case 22:
      return `${address} and ${hex(second)} or ${hex(pdu.length >= 7 ? pdu.readUInt16BE(5) : 0)}`;
    default:
      return "";
  }
}

const MOST_SHOWN = 8;

function answerText(code: number, pdu: Buffer): string {
  switch (code) {
    case 1:
    case 2:
      return `= ${bytesText(pdu.subarray(2))}`;
    case 3:
    case 4:
    case 23:
      return `= ${registersText(pdu.subarray(2))}`;
    case 17:
    case 43:
      return `= ${pdu.length - 1} bytes`;
    default:
      return `${questionText(code, pdu)} done`.trimStart();
  }
}

function registersText(data: Buffer): string {
  const count = data.length >> 1;
  const shown = Array.from({ length: Math.min(count, MOST_SHOWN) }, (_, index) => hex(data.readUInt16BE(index * 2)));
  return `${shown.join(" ")}${count > MOST_SHOWN ? ` … (${count})` : ""}`;
}

function bytesText(data: Buffer): string {
  const shown = data
    .subarray(0, MOST_SHOWN)
    .toString("hex")
    .replace(/(..)(?!$)/g, "$1 ");
  return `${shown}${data.length > MOST_SHOWN ? ` … (${data.length})` : ""}`;
}

function hex(value: number): string {
  return value.toString(16).padStart(4, "0");
}
