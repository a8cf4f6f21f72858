import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { type ImportFact, sourceFacts, type SourceFacts } from "./source-facts.ts";

/** The table that ESLint reads too. */
interface Table {
  readonly layers: Readonly<Record<string, number>>;
  readonly owners: Readonly<Record<string, readonly string[]>>;
  readonly time: readonly string[];
  readonly process: readonly string[];
  readonly files: readonly string[];
}

const table = JSON.parse(readFileSync(new URL("./architecture.json", import.meta.url), "utf8")) as Table;

/** Source files of src and simulators by their path from the root of the repository. */
export type Sources = ReadonlyMap<string, SourceFacts>;

export function readSources(texts: Iterable<readonly [path: string, text: string]>): Sources {
  return new Map([...texts].map(([path, text]) => [path, sourceFacts(path, text)]));
}

/** Every function here gives one line for each violation: `file:line rule: what`. No lines: the rule is kept. */
export function layerViolations(sources: Sources): string[] {
  return violations(sources, "layers", (path, { target }) => {
    const [from, to] = [folderOf(path), target === undefined ? undefined : folderOf(target)];
    if (from === undefined || to === undefined || from === to || !target?.startsWith("src/")) return undefined;
    if (from === "simulators") return undefined;
    const [own, other] = [table.layers[from], table.layers[to]];
    if (own === undefined || other === undefined) return `src/${own === undefined ? from : to} has no layer`;
    return other < own ? undefined : `${from} (${own}) must not import ${to} (${other}): ${target}`;
  });
}

export function simulatorViolations(sources: Sources): string[] {
  return violations(sources, "simulators", (path, { target, typeOnly }) => {
    if (target?.startsWith("simulators/")) {
      const may = path.startsWith("simulators/") || path.startsWith("src/app/");
      return may ? undefined : `only src/app imports simulators: ${target}`;
    }
    if (!path.startsWith("simulators/") || target === undefined) return undefined;
    const may = target.startsWith("src/kit/") || (target.startsWith("src/device/") && typeOnly);
    return may ? undefined : `simulators take src/kit and types of src/device, not ${target}`;
  });
}

export function ownerViolations(sources: Sources): string[] {
  return violations(sources, "owners", (path, { specifier, target }) => {
    if (target !== undefined) return undefined;
    const name = packageOf(specifier);
    const owners = table.owners[name] ?? table.owners[name.replace("@types/", "")];
    const may = owners?.includes(folderOf(path) ?? "") ?? true;
    return may ? undefined : `${name} belongs to ${owners?.join(", ")}`;
  });
}

/** Clocks, chance, the process and files, by global name or by module. */
export function accessViolations(sources: Sources): string[] {
  const modules = violations(sources, "access", (path, { specifier }) => {
    const owners = ownersOfModule(specifier);
    const may = owners?.includes(folderOf(path) ?? "") ?? true;
    return may ? undefined : `${specifier} belongs to ${owners?.join(", ")}`;
  });
  const globals = [...sources].flatMap(([path, facts]) =>
    facts.globals.flatMap(({ name, line }) => {
      const owners = name === "process" ? table.process : table.time;
      const may = owners.includes(folderOf(path) ?? "");
      return may ? [] : [`${path}:${line} access: ${name} belongs to ${owners.join(", ")}`];
    }),
  );
  return [...modules, ...globals];
}

function ownersOfModule(specifier: string): readonly string[] | undefined {
  if (/^(node:)?fs(\/|$)/.test(specifier)) return table.files;
  if (/^(node:)?process$/.test(specifier)) return [...table.process, ...table.time];
  if (/^(node:)?(timers(\/promises)?|perf_hooks)$/.test(specifier)) return table.time;
  return undefined;
}

/** Import rings, type imports included: each is reported once, with every step. */
export function ringViolations(sources: Sources): string[] {
  return ringsOf(sources.keys(), (path) => edgesOf(sources, path)).map(
    (ring) => `${describe(ring)} rings: imports itself`,
  );
}

/** As {@link ringViolations}, of folders: a folder's own files are one step of the ring, its subfolders are others. */
export function folderRingViolations(sources: Sources): string[] {
  const edges = new Map<string, Edge[]>();
  for (const path of sources.keys()) {
    for (const { line, to } of edgesOf(sources, path)) {
      const [from, target] = [posix.dirname(path), posix.dirname(to)];
      if (from !== target) edges.set(from, [...(edges.get(from) ?? []), { from: path, line, to: target }]);
    }
  }
  return ringsOf(edges.keys(), (folder) => edges.get(folder) ?? []).map((ring) => `${describe(ring)} folders: a ring`);
}

function ringsOf(places: Iterable<string>, edgesFrom: (place: string) => readonly Edge[]): (readonly Edge[])[] {
  const rings: (readonly Edge[])[] = [];
  const done = new Set<string>();
  const walk = (place: string, trail: readonly Step[]): void => {
    const start = trail.findIndex((step) => step.place === place);
    if (start >= 0) rings.push(trail.slice(start).map(({ edge }) => edge));
    if (start >= 0 || done.has(place)) return;
    for (const edge of edgesFrom(place)) walk(edge.to, [...trail, { place, edge }]);
    done.add(place);
  };
  for (const place of places) walk(place, []);
  return rings;
}

/**
 * What loading `root` must never load: packages by name, folders by a path that ends in "/". Type imports load
 * nothing and are left out.
 */
export function closureViolations(sources: Sources, root: string, never: readonly string[]): string[] {
  if (!sources.has(root)) return [`${root}:1 closure: there is no such file`];
  const found: string[] = [];
  const seen = new Set<string>([root]);
  const queue: (readonly [path: string, trail: readonly Edge[]])[] = [[root, []]];
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [path, trail] = next;
    for (const { specifier, line, typeOnly } of sources.get(path)?.imports ?? []) {
      if (typeOnly) continue;
      const to = resolve(path, specifier) ?? packageOf(specifier);
      const steps = [...trail, { from: path, line, to }];
      if (never.some((name) => (name.endsWith("/") ? to.startsWith(name) : to === name)))
        found.push(`${describe(steps)} closure: ${root} must not load ${to}`);
      if (!seen.has(to)) queue.push([to, steps]);
      seen.add(to);
    }
  }
  return found;
}

interface Edge {
  readonly from: string;
  readonly line: number;
  readonly to: string;
}

interface Step {
  readonly place: string;
  readonly edge: Edge;
}

function describe(trail: readonly Edge[]): string {
  return trail.map(({ from, line }) => `${from}:${line}`).join(" -> ");
}

function edgesOf(sources: Sources, path: string): Edge[] {
  return (sources.get(path)?.imports ?? []).flatMap(({ specifier, line }) => {
    const to = resolve(path, specifier);
    return to === undefined ? [] : [{ from: path, line, to }];
  });
}

type Judge = (path: string, found: ImportFact & { readonly target: string | undefined }) => string | undefined;

function violations(sources: Sources, rule: string, judge: Judge): string[] {
  return [...sources].flatMap(([path, facts]) =>
    facts.imports.flatMap((found) => {
      const complaint = judge(path, { ...found, target: resolve(path, found.specifier) });
      return complaint === undefined ? [] : [`${path}:${found.line} ${rule}: ${complaint}`];
    }),
  );
}

/** The file of this repository that a specifier names; undefined for packages and Node's own modules. */
function resolve(path: string, specifier: string): string | undefined {
  if (specifier.startsWith("#package/")) return specifier.slice("#package/".length);
  return specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : undefined;
}

/** `scan` for `src/scan/…`, `simulators` for `simulators/…`. */
function folderOf(path: string): string | undefined {
  const [top, folder] = path.split("/");
  return top === "src" ? folder : top;
}

function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
