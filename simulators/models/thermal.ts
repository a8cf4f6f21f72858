/** A motor's temperature, in degC: it nears ambient plus what its load makes, with a time constant of a minute. */
export class Thermal {
  readonly #ambient: number;
  temperature: number;

  constructor(ambient: number) {
    this.#ambient = ambient;
    this.temperature = ambient;
  }

  /** `rise`: by how much the load would heat the motor in the long run. */
  step(seconds: number, rise: number): void {
    this.temperature += ((this.#ambient + rise - this.temperature) * seconds) / 60;
  }
}
