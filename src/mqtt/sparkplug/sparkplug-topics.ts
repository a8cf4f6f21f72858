/** The types of message an edge node sends (Sparkplug 3.0.0, 4). */
export type NodeMessage = "NBIRTH" | "NDATA" | "NDEATH";
export type DeviceMessage = "DBIRTH" | "DDATA" | "DDEATH";

/** What an edge node is asked or told over MQTT. */
export type Asked =
  { readonly kind: "NCMD" } | { readonly kind: "DCMD"; readonly device: string } | { readonly kind: "STATE" };

/** `group/edgeNode`: no other edge node of the infrastructure has the same. */
export interface EdgeNodeDescriptor {
  readonly group: string;
  readonly edgeNode: string;
}

export interface SparkplugTopics {
  readonly node: (message: NodeMessage) => string;
  readonly device: (message: DeviceMessage, device: string) => string;
  /** Commands for the node and for each device that can be written; the state of the primary host, where there is one. */
  readonly subscriptions: (writable: readonly string[]) => readonly string[];
  /** Undefined for what is not ours. */
  readonly parse: (topic: string) => Asked | undefined;
}

const NAMESPACE = "spBv1.0";

export function sparkplugTopics(
  { group, edgeNode }: EdgeNodeDescriptor,
  primaryHost: string | undefined,
): SparkplugTopics {
  const of = (message: string): string => `${NAMESPACE}/${group}/${message}/${edgeNode}`;
  const state = primaryHost === undefined ? undefined : `${NAMESPACE}/STATE/${primaryHost}`;
  const dcmd = `${of("DCMD")}/`;
  return {
    node: of,
    device: (message, device) => `${of(message)}/${device}`,
    subscriptions: (writable) => [
      of("NCMD"),
      ...writable.map((device) => `${dcmd}${device}`),
      ...(state === undefined ? [] : [state]),
    ],
    parse(topic) {
      if (topic === state) return { kind: "STATE" };
      if (topic === of("NCMD")) return { kind: "NCMD" };
      const device = topic.startsWith(dcmd) ? topic.slice(dcmd.length) : "";
      return device === "" || device.includes("/") ? undefined : { kind: "DCMD", device };
    },
  };
}
