import { type Command, Option } from 'commander';
import { type Config, readConfig, SETTING_NAMES, SETTINGS, type Setting } from '../config.js';
import type { Compose } from '../main.js';

export function addServe(root: Command, compose: Compose): void {
  const command = root.command('serve').description('Start the server; SIGTERM and SIGINT stop it');
  const options = new Map<keyof Config, Option>();
  const secrets: string[] = [];
  for (const name of SETTING_NAMES) {
    const { flag, variable, placeholder, help, fallback }: Setting<unknown> = SETTINGS[name];
    if (flag === undefined) {
      secrets.push(`  ${variable}  ${help}`);
      continue;
    }
    const option = new Option(`--${flag} <${placeholder}>`, `${help} (${variable}, default ${fallback})`);
    options.set(name, option);
    command.addOption(option);
  }
  command.addHelpText('after', `\nOnly from the environment:\n${secrets.join('\n')}`);
  command.action(async (given: Record<string, string>) => {
    const flags: Partial<Record<keyof Config, string>> = {};
    for (const [name, option] of options) flags[name] = given[option.attributeName()];
    const config = readConfig(flags, process.env);
    const { serve } = await import('../main.js');
    await serve(config, compose);
  });
}
