#!/usr/bin/env node
import { benchProgram } from './program.js';

await benchProgram().parseAsync();
