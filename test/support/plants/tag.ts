import type { Table } from "../../../src/device/location.ts";
import type { Tag } from "../../../src/device/tag.ts";
import { ms } from "../../../src/kit/time.ts";

/** A tag as a test cares for it: its fields, with location and names written short. */
export interface TagSketch extends Partial<Omit<Tag, "at" | "values">> {
  readonly table?: Table;
  readonly address?: number;
  readonly bits?: readonly [low: number, high: number];
  readonly values?: Readonly<Record<number, string>>;
}

/** The tag of a sketch: an unscaled uint16 in holding register 0 that nobody may write, unless it says otherwise. */
export function tagLike({ table = "holding", address = 0, bits, values, ...rest }: TagSketch): Tag {
  return {
    name: "value",
    title: undefined,
    at: { table, address, ...(bits && { bits: { low: bits[0], high: bits[1] } }) },
    type: "uint16",
    count: undefined,
    length: undefined,
    order: "ABCD",
    scale: 1,
    offset: 0,
    unit: undefined,
    invalid: [],
    valid: undefined,
    values: values && new Map(Object.entries(values).map(([number, name]) => [Number(number), name])),
    scanClass: "normal",
    maxAge: undefined,
    group: undefined,
    report: { deadband: 0, minInterval: ms(0), maxInterval: undefined },
    write: undefined,
    ...rest,
  };
}
