export class World {
  step(_seconds: number): void {}
}
