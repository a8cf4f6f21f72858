import { succeeded } from "../../device/outcome.ts";
import { mayFollow } from "../../device/merge-writes.ts";
import type { Device } from "../../device/profile.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import { type Ms, ms } from "../../kit/time.ts";
import { describeFailure, type Failure } from "../../modbus/failure.ts";
import { type ActiveWrite, isStop } from "./active-write.ts";
import { writeTogether } from "./write-together.ts";
import { isSafe } from "./output-gate.ts";
import type { OutputsOptions } from "./outputs-options.ts";

export interface OutputPhaseOptions extends Pick<
  OutputsOptions,
  "budgets" | "clock" | "costOf" | "lines" | "logger" | "own"
> {
  readonly reachable: (device: Device) => boolean;
}

/**
 * Hands what is due to the lines, as far as their budgets go; the rest waits for the next frame. Levels of one device that
 * lie straight behind each other go in one request where its profile allows that: nothing waits for a neighbour.
 */
export class OutputPhase {
  readonly #options: OutputPhaseOptions;
  readonly #costs = new Map<TagEntry, Ms>();
  /** What its device refused to take together with neighbours, until the device has been away. */
  readonly #single = new Set<TagEntry>();

  constructor(options: OutputPhaseOptions) {
    this.#options = options;
  }

  /** Heartbeats go first. Says how many writes went. */
  run(active: Iterable<ActiveWrite>): number {
    const all = [...active];
    const beats = all.filter(({ purpose }) => purpose === "heartbeat");
    const others = all.filter(({ purpose }) => purpose !== "heartbeat");
    return this.#hand(beats.flatMap((each) => (this.#mayGo(each) ? [[each]] : []))) + this.#hand(this.#groups(others));
  }

  /** The device was away, and may be another one now. */
  returned(device: Device): void {
    for (const entry of this.#single) if (entry.device === device) this.#single.delete(entry);
  }

  /** What goes now: each group in one request, in the order in which it was begun. */
  #groups(active: readonly ActiveWrite[]): readonly (readonly ActiveWrite[])[] {
    const groups: ActiveWrite[][] = [];
    const newest = new Map<Device, ActiveWrite[]>();
    for (const each of active) {
      const { device } = each.write.entry;
      const group = newest.get(device);
      if (group && this.#joins(group, each)) {
        group.push(each);
      } else if (this.#mayGo(each)) {
        const own = [each];
        groups.push(own);
        newest.set(device, own);
      }
    }
    return groups;
  }

  #hand(groups: readonly (readonly ActiveWrite[])[]): number {
    let sent = 0;
    for (const group of groups) {
      const [first, ...others] = group;
      if (others.length > 0) sent += this.#handTogether(group);
      else if (first?.write.flush() === true) sent++;
    }
    return sent;
  }

  #handTogether(group: readonly ActiveWrite[]): number {
    const { lines, own } = this.#options;
    const writes = group.map(({ write }) => write);
    const line = lines.get(group[0]?.write.entry.device.line ?? "");
    if (line) own(writeTogether(writes, line, (failure) => this.#refused(group, failure)));
    return group.length;
  }

  #refused(group: readonly ActiveWrite[], failure: Failure): void {
    for (const { write } of group) this.#single.add(write.entry);
    this.#options.logger.warn("write.apart", {
      device: group[0]?.write.entry.device.name,
      tags: group.map(({ write }) => write.entry.tag.name).join(", "),
      reason: describeFailure(failure),
    });
  }

  #joins(group: readonly ActiveWrite[], next: ActiveWrite): boolean {
    const both = [...group, next];
    const entries = group.map(({ write }) => write.entry);
    if (!mayFollow(entries, next.write.entry) || !this.#isDue(next, group)) return false;
    // A stop is not to be refused for what is none.
    if (both.some((each) => isStop(each) !== isStop(next) || !each.write.isFirstTry)) return false;
    if (both.some(({ write }) => this.#single.has(write.entry))) return false;
    const { costOf } = this.#options;
    const more = costOf([...entries, next.write.entry]) - costOf(entries);
    return this.#admits(next, ms(more));
  }

  #mayGo(active: ActiveWrite): boolean {
    return this.#isDue(active) && this.#admits(active, this.#cost(active.write.entry));
  }

  /** What was asked for behind another write goes with it, or when that has succeeded. */
  #isDue(active: ActiveWrite, group: readonly ActiveWrite[] = []): boolean {
    const { write, behind } = active;
    if (write.due === undefined || (!isStop(active) && !this.#options.reachable(write.entry.device))) return false;
    if (behind === undefined || group.some((each) => each.write === behind)) return true;
    return behind.result !== undefined && succeeded(behind.result.outcome);
  }

  /** Whether the line's budget has room for it now; then it is charged. Nothing stands in the way of a stop. */
  #admits(active: ActiveWrite, cost: Ms): boolean {
    const { budgets, clock } = this.#options;
    const { entry, value } = active.write;
    const now = clock.now();
    const exempt = isStop(active) || (entry.tag.write !== undefined && isSafe({ rule: entry.tag.write, value }));
    if (!exempt && !budgets.admits(entry.device.line, cost, now)) return false;
    budgets.spend(entry.device.line, cost, now);
    return true;
  }

  #cost(entry: TagEntry): Ms {
    const known = this.#costs.get(entry);
    if (known !== undefined) return known;
    const cost = this.#options.costOf([entry]);
    this.#costs.set(entry, cost);
    return cost;
  }
}
