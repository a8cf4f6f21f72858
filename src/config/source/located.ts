/** Where something was written; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export type LocatedScalar = string | number | bigint | boolean | null;

/** A value read from a file of which every part knows where it was written, also after substitution. */
export type Located =
  | {
      readonly kind: "scalar";
      readonly at: Place;
      readonly value: LocatedScalar;
      /** How a number was written in hexadecimal: `0x8000`. */
      readonly hex?: string;
    }
  | { readonly kind: "list"; readonly at: Place; readonly items: readonly Located[] }
  | { readonly kind: "map"; readonly at: Place; readonly entries: ReadonlyMap<string, LocatedEntry> };

export interface LocatedEntry {
  readonly keyAt: Place;
  readonly value: Located;
}

export type Path = readonly PropertyKey[];

/** The value without its places. */
export function plain(node: Located): unknown {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(plain);
    case "map":
      return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, plain(value)]));
  }
}

export function child(node: Located | undefined, key: PropertyKey): Located | undefined {
  if (node?.kind === "map") return node.entries.get(String(key))?.value;
  if (node?.kind === "list") return node.items[Number(key)];
  return undefined;
}

/** The entries of a map; none for anything else. */
export function entriesOf(node: Located | undefined): readonly (readonly [string, LocatedEntry])[] {
  return node?.kind === "map" ? [...node.entries] : [];
}

/** Where the value at `path` stands; for a missing one, where its nearest parent was named. */
export function placeOf(root: Located, path: Path): Place {
  let node = root;
  let place = root.at;
  for (const key of path) {
    const next = child(node, key);
    if (!next) return place;
    place = next.kind === "scalar" && next.value !== null ? next.at : keyPlace(node, key, next);
    node = next;
  }
  return place;
}

/** Where the key that ends `path` was written. */
export function keyPlaceOf(root: Located, path: Path): Place {
  const parent = path.slice(0, -1).reduce<Located | undefined>(child, root);
  const entry = parent?.kind === "map" ? parent.entries.get(String(path.at(-1))) : undefined;
  return entry?.keyAt ?? placeOf(root, path);
}

function keyPlace(parent: Located, key: PropertyKey, value: Located): Place {
  return (parent.kind === "map" ? parent.entries.get(String(key))?.keyAt : undefined) ?? value.at;
}
