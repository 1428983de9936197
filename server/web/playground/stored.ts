/** A signal that lives as long as the tab does. */
import { effect, type Signal, signal } from '@preact/signals';

export function storedSignal<Value>(name: string, fallback: Value): Signal<Value> {
  const stored = signal(read(name, fallback));
  effect(() => write(name, JSON.stringify(stored.value)));
  return stored;
}

function read<Value>(name: string, fallback: Value): Value {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? '') as Value;
  } catch {
    return fallback;
  }
}

function write(name: string, text: string): void {
  try {
    sessionStorage.setItem(name, text);
  } catch {
    // It is full: what is on the page stays there until it is left.
  }
}
