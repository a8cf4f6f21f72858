/** How a response to FC 43 / 14 is laid out (Modbus Application Protocol V1.1b3, 6.21). Offsets count from the function code. */
export const IDENTIFICATION = { mei: 1, category: 2, moreFollows: 4, nextObject: 5, count: 6, objects: 7 } as const;

export const MEI_DEVICE_IDENTIFICATION = 14;

/** The ids of the objects in the response `pdu`; undefined where they do not fill it exactly. */
export function identificationObjects(pdu: Uint8Array): readonly number[] | undefined {
  const ids: number[] = [];
  let at: number = IDENTIFICATION.objects;
  while (at + 2 <= pdu.length) {
    ids.push(byteAt(pdu, at));
    at += 2 + byteAt(pdu, at + 1);
  }
  return at === pdu.length ? ids : undefined;
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
