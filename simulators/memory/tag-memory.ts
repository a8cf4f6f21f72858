import { invariant } from "../../src/kit/invariant.ts";
import type { Value } from "../../src/device/quality.ts";
import type { Tag } from "../../src/device/tag.ts";
import type { AddressSpace, Mapping } from "./address-space.ts";
import { decodeValue, encodeValue, tagMask, tagQuantity } from "./value-codec.ts";

/** The registers of one device under the names its profile gives them: what process models read and write. */
export class TagMemory {
  readonly #space: AddressSpace;
  readonly #tags: ReadonlyMap<string, Tag>;
  /** What was put into tags that no master changes: models show the same again in most of their steps. */
  readonly #shown = new Map<string, Value>();

  constructor(space: AddressSpace, tags: ReadonlyMap<string, Tag>) {
    this.#space = space;
    this.#tags = tags;
  }

  has(name: string): boolean {
    return this.#tags.has(name);
  }

  get(name: string): Value {
    const tag = this.#tag(name);
    return decodeValue(tag, this.#space.table(tag.at.table).read(tag.at.address, tagQuantity(tag)));
  }

  number(name: string): number {
    return Number(this.get(name));
  }

  flag(name: string): boolean {
    return this.get(name) === true;
  }

  /** Puts a value where masters read it; no write listener hears of it. */
  set(name: string, value: Value): void {
    if (this.#shown.get(name) === value) return;
    const tag = this.#tag(name);
    if (!tag.write && typeof value !== "object") this.#shown.set(name, value);
    const table = this.#space.table(tag.at.table);
    const mask = tagMask(tag);
    encodeValue(tag, value).forEach((word, index) => table.put(tag.at.address + index, word, mask));
  }

  /** Calls `listener` after every request of a master that wrote a part of one of the tags, once per request. */
  onWrite(names: readonly string[], listener: () => void): void {
    const tags = names.map((name) => this.#tag(name));
    this.#space.onWrite((table, address, quantity) => {
      if (tags.some((tag) => tag.at.table === table && overlaps(tag, address, quantity))) listener();
    });
  }

  #tag(name: string): Tag {
    const tag = this.#tags.get(name);
    invariant(tag !== undefined, `the profile of this simulated device has no tag "${name}"`);
    return tag;
  }
}

function overlaps(tag: Tag, address: number, quantity: number): boolean {
  return tag.at.address < address + quantity && address < tag.at.address + tagQuantity(tag);
}

/** What the tags occupy, for an {@link AddressSpace}. */
export function tagMappings(tags: Iterable<Tag>): readonly Mapping[] {
  return Array.from(tags, (tag) => ({
    table: tag.at.table,
    address: tag.at.address,
    quantity: tagQuantity(tag),
    writableBits: tag.write ? tagMask(tag) : 0,
  }));
}
