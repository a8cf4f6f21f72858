/** What a master asks of one unit, by function code. Addresses are zero-based. */
export type Request =
  | ReadRequest
  | { readonly fc: 5; readonly address: number; readonly value: boolean }
  | { readonly fc: 6; readonly address: number; readonly value: number }
  | { readonly fc: 15; readonly address: number; readonly values: readonly boolean[] }
  | { readonly fc: 16; readonly address: number; readonly values: readonly number[] }
  /** result = (current AND `and`) OR (`or` AND NOT `and`) (Application Protocol V1.1b3, 6.16) */
  | { readonly fc: 22; readonly address: number; readonly and: number; readonly or: number }
  | {
      readonly fc: 23;
      readonly address: number;
      readonly quantity: number;
      readonly writeAddress: number;
      readonly values: readonly number[];
    }
  | { readonly fc: 17 }
  /** Basic (1), regular (2) or extended (3) stream, or one object (4), from `objectId` on (6.21). */
  | { readonly fc: 43; readonly category: 1 | 2 | 3 | 4; readonly objectId: number };

export interface ReadRequest {
  readonly fc: 1 | 2 | 3 | 4;
  readonly address: number;
  readonly quantity: number;
}

/** What a slave gave back, checked against the request. Register values are 0..65535. */
export type Answer =
  /** Exactly as many bits as were asked for. */
  | { readonly kind: "bits"; readonly bits: readonly boolean[] }
  /** Exactly as many registers as were asked for. */
  | { readonly kind: "registers"; readonly registers: readonly number[] }
  /** The slave echoed the write: it was carried out. */
  | { readonly kind: "written" }
  | { readonly kind: "serverId"; readonly id: number; readonly running: boolean; readonly data: Uint8Array }
  | { readonly kind: "identification"; readonly objects: ReadonlyMap<number, string> };
