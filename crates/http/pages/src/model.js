// Something that changes and is shown.

export class Model {
  listeners = new Set();

  /** Calls `listener` after each change, until the function that this answers is called. */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  changed() { this.listeners.forEach((listener) => listener()); }
}
