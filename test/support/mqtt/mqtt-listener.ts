import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";

export interface Heard {
  readonly topic: string;
  readonly text: string;
  readonly packet: IPublishPacket;
}

/** An MQTT client of its own that hears everything and waits for messages with a deadline. */
export class MqttListener {
  readonly heard: Heard[] = [];
  readonly client: MqttClient;
  readonly #waiting = new Set<() => void>();

  private constructor(client: MqttClient) {
    this.client = client;
    client.on("message", (topic, payload, packet) => {
      this.heard.push({ topic, text: payload.toString(), packet });
      for (const check of [...this.#waiting]) check();
    });
  }

  static async connect(url: string, options: IClientOptions = {}, filter = "#"): Promise<MqttListener> {
    const client = connect(url, { protocolVersion: 5, reconnectPeriod: 50, ...options });
    const listener = new MqttListener(client);
    client.on("error", () => undefined);
    await new Promise<void>((resolve) => client.once("connect", () => resolve()));
    await client.subscribeAsync({ [filter]: { qos: 1, rap: true } });
    return listener;
  }

  /** The first message that `matches`, heard already or within `deadline` milliseconds. */
  async message(matches: (heard: Heard) => boolean, deadline = 15_000): Promise<Heard> {
    return new Promise((resolve, reject) => {
      const check = (): boolean => {
        const found = this.heard.find(matches);
        if (!found) return false;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(found);
        return true;
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(
          new Error(`not heard; heard were ${this.heard.map((heard) => `${heard.topic} ${heard.text}`).join("\n")}`),
        );
      }, deadline);
      if (!check()) this.#waiting.add(check);
    });
  }

  /** The first message of a topic after the ones heard before `from`. */
  on(topic: string, from = 0): Promise<Heard> {
    return this.message((heard) => heard.topic === topic && this.heard.indexOf(heard) >= from);
  }

  async end(): Promise<void> {
    await this.client.endAsync(true);
  }
}
