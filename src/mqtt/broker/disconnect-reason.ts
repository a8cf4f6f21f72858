/** Reason codes with which a broker ends a connection (MQTT 5.0, 3.14.2.1), in our words. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [0x87, "the broker does not authorise us any more"],
  [0x89, "the broker is busy"],
  [0x8b, "the broker shuts down"],
  [0x8d, "the broker heard nothing from us for too long (keep alive)"],
  [0x93, "more than the broker takes at a time was sent (receive maximum)"],
  [0x95, "a packet larger than the broker takes was sent"],
  [0x97, "the quota at the broker is used up"],
  [0x98, "the broker's administrator ended the connection"],
]);

const SESSION_TAKEN_OVER = 0x8e;

/** Why the broker ended the connection, for people, where its DISCONNECT says so (brokers that speak 3.1.1 cannot). */
export function disconnectReason(code: number | undefined, clientId: string): string | undefined {
  if (code === undefined || code === 0) return undefined;
  if (code === SESSION_TAKEN_OVER)
    return `session taken over: another client uses the id "${clientId}"; give each its own (mqtt.clientId)`;
  const number = `0x${code.toString(16).toUpperCase()}`;
  return `${REASONS.get(code) ?? "the broker ended the connection"} (reason ${number})`;
}
