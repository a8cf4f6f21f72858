/** What the office worker tells its parent once it listens to the link. */
export const READY = "ready";
