import { useEffect, useRef, useState } from 'preact/hooks';
import { type KeyBinding, keyName } from './keys.js';

/** A view's keys and one more, which shows all of them. */
export function useHelp(own: readonly KeyBinding[]) {
  const [isOpen, setOpen] = useState(false);
  const open = () => setOpen(true);
  const bindings = [...own, { keys: ['?'], says: 'these keys', run: open }];
  const help = isOpen && <Help bindings={bindings} close={() => setOpen(false)} />;
  return { bindings, help, open };
}

/** All keys of a view, from the very table that carries them out. */
function Help({
  bindings,
  close,
}: {
  readonly bindings: readonly KeyBinding[];
  readonly close: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="help" ref={dialog} aria-label="Keys" onClose={close}>
      <h2>Keys</h2>
      <dl>
        {bindings.map(({ keys, says }) => (
          <div key={says}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{keyName(key)}</kbd>
              ))}
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
