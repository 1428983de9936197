/** Records by their parent: a parent without any has no map. */

export function childrenOf<T>(byParent: Map<string, Map<string, T>>, parent: string): Map<string, T> {
  let children = byParent.get(parent);
  if (children === undefined) {
    children = new Map();
    byParent.set(parent, children);
  }
  return children;
}

export function dropChild<T>(byParent: Map<string, Map<string, T>>, parent: string, id: string): void {
  const children = byParent.get(parent);
  children?.delete(id);
  if (children?.size === 0) byParent.delete(parent);
}
