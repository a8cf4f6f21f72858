export interface DemoFacts {
  readonly port: number;
  readonly root: string;
  readonly log: string;
}

/** What a newcomer reads first: what runs, and how to watch and command it from another terminal. */
export function introduction({ port, root, log }: DemoFacts): readonly string[] {
  return [
    "takt masters a simulated sorting cell at a 20 ms cycle. Ctrl-C stops it, outputs in their safe state.",
    `  broker mqtt://127.0.0.1:${port}   log ${log}`,
    "Watch it from another terminal: all of it, one conveyor, or which arm gets which box:",
    `  mosquitto_sub -p ${port} -v -t '${root}/#'`,
    `  mosquitto_sub -p ${port} -v -t '${root}/infeed/data' -t '${root}/infeed/res/+'`,
    `  mosquitto_sub -p ${port} -v -t '${root}/_pool/pickers/event'`,
    "Command it; the answer comes on infeed/res/a1 (an id is done once: take a new one each time):",
    `  mosquitto_pub -p ${port} -t '${root}/infeed/cmd/set' -m '{"id":"a1","set":{"speedSetpoint":0.5,"run":true}}'`,
    `  mosquitto_pub -p ${port} -t '${root}/infeed/cmd/set' -m '{"id":"a2","set":{"run":false}}'`,
    "",
  ];
}
