// The program, watched by `validate`.
import { validate } from '../../gateway/validate.ts';
import { application as program } from './program.ts';

export const application = validate(program);
