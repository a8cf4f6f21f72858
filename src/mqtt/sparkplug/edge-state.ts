import type { HostState } from "./host-state.ts";

/** One edge node and its session, by Sparkplug 3.0.0. */
export interface EdgeState {
  /** `away`: no session. `waiting`: one, but the primary host is not known to be online. `ended`: for good. */
  readonly phase: "away" | "waiting" | "alive" | "ended";
  /** In the will of the newest CONNECT; undefined before the first. */
  readonly bdSeq: number | undefined;
  /** Of the next message. */
  readonly seq: number;
  /** The NBIRTH of this session has been sent. */
  readonly nodeBorn: boolean;
  /** Devices whose DBIRTH has been sent, and no DDEATH after it. */
  readonly born: ReadonlySet<string>;
  /** Devices that answer. */
  readonly present: ReadonlySet<string>;
  /** What is due of devices, before any data. */
  readonly turns: readonly DeviceTurn[];
  readonly host: KnownHost;
}

export interface DeviceTurn {
  readonly device: string;
  readonly to: "born" | "dead";
}

/** Timestamps of the primary host, kept from one session to the next. */
interface KnownHost {
  readonly newest: number | undefined;
  readonly online: number | undefined;
}

export interface EdgePolicy {
  /** The edge node is silent while this host is not online. */
  readonly hasPrimaryHost: boolean;
  /** There is another server to go to. */
  readonly hasAlternatives: boolean;
}

export type EdgeEvent =
  /** A CONNECT is under way whose will has this bdSeq. */
  | { readonly kind: "connecting"; readonly bdSeq: number }
  /** The session stands, and its subscriptions with it. */
  | { readonly kind: "up" }
  | { readonly kind: "down" }
  | ({ readonly kind: "host" } & HostState)
  /** A server where the primary host was not heard of for too long. */
  | { readonly kind: "impatient" }
  | { readonly kind: "rebirth" }
  | { readonly kind: "device"; readonly device: string; readonly present: boolean }
  /** The broker takes one more message; `due`: what there is to tell, were it the turn of data. */
  | { readonly kind: "room"; readonly due: DueData | undefined }
  | { readonly kind: "stop" };

export type DueData =
  | { readonly of: "node" }
  /** `historical`: what was stored while nobody listened. */
  | { readonly of: "device"; readonly device: string; readonly historical: boolean };

export type EdgeMessage =
  | { readonly type: "NBIRTH"; readonly seq: 0; readonly bdSeq: number }
  | { readonly type: "NDATA"; readonly seq: number }
  | { readonly type: "DBIRTH" | "DDEATH"; readonly seq: number; readonly device: string }
  | { readonly type: "DDATA"; readonly seq: number; readonly device: string; readonly historical: boolean };

export type EdgeAction =
  | { readonly kind: "send"; readonly message: EdgeMessage }
  /** Send the NDEATH of this session, then end it in order and begin another one at once, or none. */
  | { readonly kind: "die"; readonly bdSeq: number; readonly next: "atOnce" | "never" }
  /** End a session in which nothing was said, and try the next server after a pause. */
  | { readonly kind: "walk" };

export interface EdgeStep {
  readonly state: EdgeState;
  readonly action?: EdgeAction;
}

export const UNCONNECTED: EdgeState = {
  phase: "away",
  bdSeq: undefined,
  seq: 0,
  nodeBorn: false,
  born: new Set(),
  present: new Set(),
  turns: [],
  host: { newest: undefined, online: undefined },
};
