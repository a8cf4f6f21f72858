import { unreachable } from "../../kit/invariant.ts";
import type { DeviceTurn, DueData, EdgeEvent, EdgeMessage, EdgePolicy, EdgeState, EdgeStep } from "./edge-state.ts";
import type { HostState } from "./host-state.ts";

/** seq and bdSeq go round after this. */
const LAST_NUMBER = 255;

/** The number after this one: 0 to 255, and round. */
export function nextNumber(number: number): number {
  return number >= LAST_NUMBER ? 0 : number + 1;
}

/** The edge node's machine: what follows from an event, and what is to be done (Sparkplug 3.0.0, 5 and 6). */
export function nextEdge(state: EdgeState, event: EdgeEvent, policy: EdgePolicy): EdgeStep {
  if (state.phase === "ended") return { state };
  switch (event.kind) {
    case "connecting":
      return { state: { ...unborn(state), phase: "away", bdSeq: event.bdSeq } };
    case "up":
      return { state: { ...unborn(state), phase: policy.hasPrimaryHost ? "waiting" : "alive" } };
    case "down":
      return { state: { ...unborn(state), phase: "away" } };
    case "host":
      return onHost(state, event, policy);
    case "impatient":
      return state.phase === "waiting" && policy.hasAlternatives ? walk(state) : { state };
    case "rebirth":
      return { state: state.phase === "alive" && state.nodeBorn ? unborn(state) : state };
    case "device":
      return { state: onDevice(state, event.device, event.present) };
    case "room":
      return onRoom(state, event.due);
    case "stop":
      return end(state);
    default:
      return unreachable(event);
  }
}

/** Everything is to be born (again). */
function unborn(state: EdgeState): EdgeState {
  return { ...state, seq: 0, nodeBorn: false, born: new Set(), turns: [] };
}

/** A STATE counts when it is not older than what it would overturn: offline than online, online than any. */
function onHost(state: EdgeState, { online, timestamp }: HostState, policy: EdgePolicy): EdgeStep {
  const { host } = state;
  if (timestamp < ((online ? host.newest : host.online) ?? timestamp)) return { state };
  const newest = Math.max(timestamp, host.newest ?? timestamp);
  const heard = { ...state, host: { newest, online: online ? timestamp : host.online } };
  if (online) return { state: state.phase === "waiting" ? { ...heard, phase: "alive" } : heard };
  if (state.phase === "alive") return die(heard, "atOnce");
  return state.phase === "waiting" && policy.hasAlternatives ? walk(heard) : { state: heard };
}

function walk(state: EdgeState): EdgeStep {
  return { state: { ...unborn(state), phase: "away" }, action: { kind: "walk" } };
}

function end(state: EdgeState): EdgeStep {
  return state.phase === "alive" ? die(state, "never") : { state: { ...state, phase: "ended" } };
}

/** Nothing was born before the NBIRTH, so nothing dies. */
function die(state: EdgeState, next: "atOnce" | "never"): EdgeStep {
  const phase = next === "never" ? "ended" : "away";
  const gone: EdgeState = { ...unborn(state), phase };
  if (state.bdSeq === undefined || !state.nodeBorn)
    return next === "never" ? { state: gone } : { state: gone, action: { kind: "walk" } };
  return { state: gone, action: { kind: "die", bdSeq: state.bdSeq, next } };
}

function onDevice(state: EdgeState, device: string, present: boolean): EdgeState {
  if (state.present.has(device) === present) return state;
  const others = [...state.present].filter((name) => name !== device);
  const next = { ...state, present: new Set(present ? [...others, device] : others) };
  if (!state.nodeBorn) return next;
  const turns = state.turns.filter((turn) => turn.device !== device || turn.to === "dead");
  if (present) return { ...next, turns: [...turns, { device, to: "born" }] };
  const dies = state.born.has(device) && !turns.some((turn) => turn.device === device);
  return { ...next, turns: dies ? [...turns, { device, to: "dead" }] : turns };
}

/** Birth certificates first: the node's, then its devices'; then deaths as they come; data when nothing else is due. */
function onRoom(state: EdgeState, due: DueData | undefined): EdgeStep {
  if (state.phase !== "alive" || state.bdSeq === undefined) return { state };
  if (!state.nodeBorn) {
    const turns = [...state.present].map((device): DeviceTurn => ({ device, to: "born" }));
    const born = { ...state, nodeBorn: true, born: new Set<string>(), turns, seq: 1 };
    return { state: born, action: { kind: "send", message: { type: "NBIRTH", seq: 0, bdSeq: state.bdSeq } } };
  }
  const [turn, ...turns] = state.turns;
  if (turn) return onTurn({ ...state, turns }, turn);
  if (due === undefined || (due.of === "device" && !state.born.has(due.device))) return { state };
  const next = { ...state, seq: nextNumber(state.seq) };
  return { state: next, action: { kind: "send", message: dataMessage(due, state.seq) } };
}

function dataMessage(due: DueData, seq: number): EdgeMessage {
  if (due.of === "node") return { type: "NDATA", seq };
  return { type: "DDATA", seq, device: due.device, historical: due.historical };
}

function onTurn(state: EdgeState, { device, to }: DeviceTurn): EdgeStep {
  const { seq } = state;
  const others = [...state.born].filter((name) => name !== device);
  const born = new Set(to === "born" ? [...others, device] : others);
  const type = to === "born" ? "DBIRTH" : "DDEATH";
  return {
    state: { ...state, seq: nextNumber(seq), born },
    action: { kind: "send", message: { type, seq, device } },
  };
}
