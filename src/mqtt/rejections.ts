/** Why a request that came over MQTT is rejected, whoever takes it: the texts that several of them give. */
export const SCAN_SILENT = "busy: the scan does not answer";
export const TOO_LATE = "expired: it came after the time it was meant for";
export const RETAINED_COMMAND = "a retained command: it would be carried out again after every restart";
