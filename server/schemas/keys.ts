import { nameSchema } from './common.js';
import Type from './typebox.js';

export const createKeySchema = Type.Object({
  name: nameSchema(),
  type: Type.Enum(['write', 'read']),
});
