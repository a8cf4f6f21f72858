import { ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ILLEGAL_VALUE } from "./exception-code.ts";

/** Who a slave says it is. */
export interface Identity {
  /** FC 17: server id and whatever the maker adds; at most 249 bytes of text. */
  readonly serverId: number;
  readonly description: string;
  /** FC 43/14: texts by object id, ascending; 0 vendor, 1 product code, 2 revision, 5 model name. */
  readonly objects: ReadonlyMap<number, string>;
}

const MEI_DEVICE_IDENTIFICATION = 0x0e;

/** Extended identification, by stream and by object (6.21). */
const CONFORMITY = 0x83;

const MOST_OBJECT_BYTES = 253 - 7;

/** FC 17: byte count, server id, run indicator (0xFF: on), text (6.13). */
export function serverIdAnswer({ serverId, description }: Identity): Buffer {
  const text = Buffer.from(description, "latin1").subarray(0, 249);
  return Buffer.concat([Buffer.of(17, text.length + 2, serverId, 0xff), text]);
}

/** FC 43/14 (6.21); a number is the exception code. */
export function identificationAnswer(identity: Identity, pdu: Buffer): Buffer | number {
  const [, mei, category = 0, first = 0] = pdu;
  if (mei !== MEI_DEVICE_IDENTIFICATION) return ILLEGAL_FUNCTION;
  if (pdu.length !== 4 || category < 1 || category > 4) return ILLEGAL_VALUE;
  if (category === 4 && !identity.objects.has(first)) return ILLEGAL_ADDRESS;
  const wanted = objectsFrom(identity, category, first);
  const fitting = fittingCount(wanted);
  const next = wanted[fitting]?.[0];
  const head = [43, MEI_DEVICE_IDENTIFICATION, category, CONFORMITY, next === undefined ? 0 : 0xff, next ?? 0, fitting];
  return Buffer.concat([Buffer.from(head), ...wanted.slice(0, fitting).map(objectBytes)]);
}

type IdentityObject = readonly [id: number, text: string];

/** A stream that starts at an object that does not exist starts at the beginning. */
function objectsFrom({ objects }: Identity, category: number, first: number): readonly IdentityObject[] {
  if (category === 4) return [...objects].filter(([id]) => id === first);
  const last = category === 1 ? 0x02 : category === 2 ? 0x7f : 0xff;
  const start = objects.has(first) ? first : 0;
  return [...objects].filter(([id]) => id >= start && id <= last);
}

function fittingCount(objects: readonly IdentityObject[]): number {
  let bytes = 0;
  const over = objects.findIndex((object) => (bytes += objectBytes(object).length) > MOST_OBJECT_BYTES);
  return over < 0 ? objects.length : over;
}

function objectBytes([id, text]: IdentityObject): Buffer {
  const value = Buffer.from(text, "latin1").subarray(0, MOST_OBJECT_BYTES - 2);
  return Buffer.concat([Buffer.of(id, value.length), value]);
}
