/** The name of a test, with the ids of the statements of Sparkplug 3.0.0 (without `tck-id-`) that it shows to be kept. */
export function covers(name: string, ...ids: readonly string[]): string {
  return `${name} [${ids.join(", ")}]`;
}
