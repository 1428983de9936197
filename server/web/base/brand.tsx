import { Icon, type IconName } from './icon.js';

/** The name, and the way to the other page. */
export function Brand({ page }: { readonly page: 'dashboards' | 'playground' }) {
  return (
    <nav class="brand" aria-label="Pages">
      <a class="name" href="/">
        dakkio
      </a>
      <PageLink href="/" name="Dashboards" icon="table" isHere={page === 'dashboards'} />
      <PageLink href="/playground" name="Playground" icon="play" isHere={page === 'playground'} />
    </nav>
  );
}

function PageLink(props: {
  readonly href: string;
  readonly name: string;
  readonly icon: IconName;
  readonly isHere: boolean;
}) {
  return (
    <a class="page-link" href={props.href} aria-current={props.isHere ? 'page' : undefined}>
      <Icon name={props.icon} />
      <span>{props.name}</span>
    </a>
  );
}
