/** A message as it waits in the outbox; its topic is made when it is sent. */
export type StoredMessage =
  /** What a `data` message told, or would have told. */
  { readonly device: string; readonly data: string } | { readonly event: string };
