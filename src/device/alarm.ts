import type { Ms } from "../kit/time.ts";
import type { Condition } from "./condition.ts";

/** How soon a person has to act (ANSI/ISA-18.2), least first. */
export const PRIORITIES = ["low", "medium", "high", "critical"] as const;

export type Priority = (typeof PRIORITIES)[number];

/** What an alarm is: it needs a person who acts in time. */
export interface AlarmRule {
  readonly name: string;
  /** What is wrong, for the operator. */
  readonly text: string;
  readonly priority: Priority;
  /** On-delay: how long its cause has to stand without a break before it is raised. */
  readonly after: Ms;
  /** Off-delay: how long its cause has to be gone without a break before it is held for gone. */
  readonly clearAfter: Ms;
  /** It stays active after its cause is gone until a person acknowledges it then. */
  readonly latch: boolean;
}

/** An alarm of a device's profile; its cause stands while all its conditions hold. */
export interface TagAlarm extends AlarmRule {
  readonly when: readonly AlarmCondition[];
}

export interface AlarmCondition extends Condition {
  /** How far a value has to come back over its limit before the condition holds no more. */
  readonly deadband: number;
}
