import Type from 'typebox';
import { nameSchema } from './common.js';

export const createKeySchema = Type.Object({
  name: nameSchema(),
  type: Type.Enum(['write', 'read']),
});
