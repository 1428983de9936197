import t from 'tap';
import { ReferenceStorage } from '../support/reference-storage.js';
import { storageConformance } from './conformance.js';

storageConformance(t, async () => {
  const storage = new ReferenceStorage();
  return {
    storage,
    reopen: async () => storage,
    disturb: async () => {},
    dispose: () => storage.close(),
  };
});
