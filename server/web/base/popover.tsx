import { type ComponentChildren, createContext } from 'preact';
import { useContext, useEffect, useId, useRef, useState } from 'preact/hooks';

const Close = createContext<() => void>(() => undefined);

/** Closes the popover that one is in. */
export function useClose(): () => void {
  return useContext(Close);
}

/** A button, and what it opens below it: until Esc, a click elsewhere, or when the focus leaves. */
export function Popover(props: {
  /** Says what the button does, where it shows no words. */
  readonly label?: string;
  readonly button: ComponentChildren;
  readonly class?: string;
  /** On which side of the button it begins. */
  readonly side?: 'left' | 'right';
  readonly children: ComponentChildren;
}) {
  const { label, button, children, side = 'left' } = props;
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = () => {
    if (box.current?.contains(document.activeElement)) opener.current?.focus();
    setOpen(false);
  };
  useEffect(() => {
    if (!isOpen) return undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        event.preventDefault();
        close();
      } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        step(event, box.current as HTMLDivElement);
      }
    };
    const leave = (event: Event) => !box.current?.contains(event.target as Node) && setOpen(false);
    const { current } = box;
    current?.addEventListener('keydown', onKeyDown);
    document.addEventListener('pointerdown', leave);
    document.addEventListener('focusin', leave);
    firstControl(box.current?.querySelector('.popover-content'))?.focus();
    return () => {
      current?.removeEventListener('keydown', onKeyDown);
      document.removeEventListener('pointerdown', leave);
      document.removeEventListener('focusin', leave);
    };
  }, [isOpen]);
  return (
    <div class="popover" ref={box}>
      <button
        ref={opener}
        type="button"
        class={props.class ?? 'button'}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-label={label}
        title={label}
        onClick={() => setOpen(!isOpen)}
      >
        {button}
      </button>
      {isOpen && (
        <div class={`popover-content ${side}`} id={id}>
          <Close.Provider value={close}>{children}</Close.Provider>
        </div>
      )}
    </div>
  );
}

const CONTROLS = 'button:not(:disabled), a[href], input, select';

function firstControl(content: Element | null | undefined): HTMLElement | null | undefined {
  return content?.querySelector<HTMLElement>('input') ?? content?.querySelector<HTMLElement>(CONTROLS);
}

/** From control to control, by arrow keys. */
function step(event: KeyboardEvent, box: HTMLElement): void {
  const controls = [...box.querySelectorAll<HTMLElement>(`.popover-content :is(${CONTROLS})`)];
  const at = controls.indexOf(document.activeElement as HTMLElement);
  const next = controls[at + (event.key === 'ArrowDown' ? 1 : -1)];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

/** One line of what a popover offers. */
export function Item(props: {
  readonly children: ComponentChildren;
  readonly isChosen?: boolean;
  readonly isDanger?: boolean;
  readonly onChoose: () => void;
}) {
  const close = useClose();
  return (
    <button
      type="button"
      class={props.isDanger ? 'item danger' : 'item'}
      aria-current={props.isChosen ? 'true' : undefined}
      onClick={() => {
        close();
        props.onChoose();
      }}
    >
      {props.children}
    </button>
  );
}
