import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";
import { tahuDecode, tahuEncode, type TahuMetric, type TahuPayload, valueOf } from "./tahu-payload.ts";

export interface SparkplugMessage {
  /** `DBIRTH belt`, `NDEATH` */
  readonly what: string;
  readonly topic: string;
  readonly payload: TahuPayload;
  readonly packet: IPublishPacket;
  /** Values by the names that the births gave their aliases: `speed: intValue 3`. */
  readonly values: ReadonlyMap<string, string | undefined>;
}

/**
 * A Sparkplug host application by Eclipse Tahu's payloads. It knows metrics by their births, and notes what breaks
 * the session: a message out of its order, an alias nobody declared, data of what is not born.
 */
export class SparkplugHost {
  readonly heard: SparkplugMessage[] = [];
  readonly faults: string[] = [];
  readonly client: MqttClient;
  readonly #node: string;
  readonly #waiting = new Set<() => void>();
  readonly #names = new Map<string, Map<string, string>>();
  #bdSeq: string | undefined;
  #seq: number | undefined;

  private constructor(client: MqttClient, node: string) {
    this.client = client;
    this.#node = node;
    client.on("error", () => undefined);
    client.on("message", (topic, payload, packet) => {
      this.#hear(topic, payload, packet);
      for (const check of [...this.#waiting]) check();
    });
  }

  /** `node`: `group/edgeNode` */
  static async connect(url: string, node: string, options: IClientOptions = {}): Promise<SparkplugHost> {
    const client = connect(url, { protocolVersion: 5, reconnectPeriod: 50, ...options });
    const host = new SparkplugHost(client, node);
    await new Promise<void>((resolve) => client.once("connect", () => resolve()));
    await client.subscribeAsync({ "spBv1.0/#": { qos: 1, rap: true } });
    return host;
  }

  /** The first message of a kind after the ones heard before `from`, heard already or within `deadline` milliseconds. */
  async message(
    what: string,
    { from = 0, when = () => true, deadline = 8000 }: MessageWanted = {},
  ): Promise<SparkplugMessage> {
    return new Promise((resolve, reject) => {
      const check = (): boolean => {
        const found = this.heard.find((each, index) => index >= from && each.what === what && when(each));
        if (!found) return false;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(found);
        return true;
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`no ${what}; heard were ${this.heard.map((each) => each.what).join(", ")}`));
      }, deadline);
      if (!check()) this.#waiting.add(check);
    });
  }

  /** Commands the node, or a device of it. */
  async command(device: string | undefined, ...metrics: readonly TahuMetric[]): Promise<void> {
    const [group = "", edgeNode = ""] = this.#node.split("/");
    const place = device === undefined ? `NCMD/${edgeNode}` : `DCMD/${edgeNode}/${device}`;
    await this.client.publishAsync(`spBv1.0/${group}/${place}`, Buffer.from(tahuEncode({ metrics })), { qos: 1 });
  }

  /** As the TCK asks: neither a time nor a sequence number. */
  async askRebirth(): Promise<void> {
    await this.command(undefined, { name: "Node Control/Rebirth", datatype: 11, booleanValue: true });
  }

  async state(host: string, online: boolean, timestamp: number): Promise<void> {
    await this.client.publishAsync(`spBv1.0/STATE/${host}`, JSON.stringify({ online, timestamp }), {
      qos: 1,
      retain: true,
    });
  }

  async end(): Promise<void> {
    await this.client.endAsync(true);
  }

  #hear(topic: string, payload: Buffer, packet: IPublishPacket): void {
    const [, group = "", type = "", edgeNode = "", device] = topic.split("/");
    if (`${group}/${edgeNode}` !== this.#node || type.endsWith("CMD")) return;
    const what = device === undefined ? type : `${type} ${device}`;
    const decoded = tahuDecode(payload);
    this.#follow(type, device ?? "", decoded, what);
    const names = this.#names.get(device ?? "");
    const values = new Map(
      decoded.metrics.map((metric) => [metric.name ?? names?.get(metric.alias ?? "") ?? "?", valueOf(metric)]),
    );
    this.heard.push({ what, topic, payload: decoded, packet, values });
  }

  #follow(type: string, device: string, payload: TahuPayload, what: string): void {
    if (type === "NDEATH") return this.#dies(payload);
    if (type === "NBIRTH") this.#begins(payload);
    else if (this.#seq === undefined) return;
    else if (Number(payload.seq) !== (this.#seq + 1) % 256)
      this.faults.push(`${what} ${payload.seq} after ${this.#seq}`);
    this.#seq = Number(payload.seq);
    if (type.endsWith("BIRTH")) this.#names.set(device, namesOf(payload));
    if (type.endsWith("DEATH")) this.#names.delete(device);
    if (type.endsWith("DATA")) this.#checkData(device, payload, what);
  }

  #begins(payload: TahuPayload): void {
    this.#names.clear();
    this.#bdSeq = payload.metrics.find(({ name }) => name === "bdSeq")?.longValue;
    if (payload.seq !== "0") this.faults.push(`NBIRTH with seq ${payload.seq}`);
  }

  /** A death of another session means nothing. */
  #dies(payload: TahuPayload): void {
    if (payload.metrics[0]?.longValue === this.#bdSeq) this.#seq = undefined;
  }

  #checkData(device: string, payload: TahuPayload, what: string): void {
    const names = this.#names.get(device);
    if (!names) this.faults.push(`${what} of what is not born`);
    for (const { alias } of payload.metrics)
      if (!names?.has(alias ?? "")) this.faults.push(`${what}: unknown alias ${alias}`);
  }
}

interface MessageWanted {
  readonly from?: number;
  readonly when?: (message: SparkplugMessage) => boolean;
  readonly deadline?: number;
}

function namesOf({ metrics }: TahuPayload): Map<string, string> {
  return new Map(metrics.map(({ alias = "", name = "" }) => [alias, name]));
}
