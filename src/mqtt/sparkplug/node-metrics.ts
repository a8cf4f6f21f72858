import type { PlantStatistics } from "../../link/messages.ts";
import type { GatewayIdentity } from "../gateway-payload.ts";
import type { Stamp } from "./device-metrics.ts";
import type { DeclaredSample } from "./encode-payload.ts";
import type { NodeDeclaration, NodeMetric } from "./metric-table.ts";

type NodeValue = string | number | bigint | null;

/** The metrics of the node itself: what they are now, and which of them changed since they were last told. */
export class NodeMetrics {
  readonly #declarations: readonly NodeDeclaration[];
  readonly #values: Map<NodeMetric, NodeValue>;
  readonly #due = new Set<NodeMetric>();
  #skipped = 0;
  #missed = 0;
  #overruns = 0;

  constructor(declarations: readonly NodeDeclaration[], identity: GatewayIdentity) {
    this.#declarations = declarations;
    this.#values = new Map<NodeMetric, NodeValue>([
      ["Node Info/Gateway", identity.gateway],
      ["Node Info/Plant", identity.plant],
      ["Node Info/Version", identity.version],
      ["Node Info/Scan Period", identity.scanPeriod],
    ]);
  }

  /** Counts go on from the start of the node; the lateness is that of the last statistics. */
  stats({ cycle }: PlantStatistics): void {
    this.#set("Scan/Skipped Cycles", BigInt((this.#skipped += cycle.skipped)));
    this.#set("Scan/Missed Reads", BigInt((this.#missed += cycle.blocksMissed)));
    this.#set("Scan/Overruns", BigInt((this.#overruns += cycle.overruns)));
    this.#set("Scan/Lateness P99", Math.round(cycle.lateness.p99 * 1000) / 1000);
  }

  get due(): boolean {
    return this.#due.size > 0;
  }

  takeAll(stamp: Stamp): readonly DeclaredSample[] {
    this.#due.clear();
    return this.#declarations.map((declaration) => this.#sample(declaration, stamp));
  }

  takeDue(stamp: Stamp): readonly DeclaredSample[] {
    const due = this.#declarations.filter(({ source }) => this.#due.has(source));
    this.#due.clear();
    return due.map((declaration) => this.#sample(declaration, stamp));
  }

  #set(metric: NodeMetric, value: NodeValue): void {
    if (this.#values.get(metric) === value) return;
    this.#values.set(metric, value);
    this.#due.add(metric);
  }

  #sample({ source, ...declared }: NodeDeclaration, { now, wallOffset }: Stamp): DeclaredSample {
    const value = this.#values.get(source) ?? null;
    const quality = value === null ? "bad" : "good";
    return { ...declared, value, quality, timestamp: Math.max(0, Math.round(now + wallOffset)) };
  }
}
