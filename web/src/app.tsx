import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { getDetails, getStatus, type Image, type Status } from './api.js';
import { Empty } from './empty.js';
import { Filters } from './gallery/filters.js';
import { Gallery } from './gallery/gallery.js';
import { ImagePages } from './image-pages.js';
import { beforeLive, type Live, listen } from './live.js';
import { StatusLine } from './status-line.js';
import { addressOf, listQuery, type ViewState, viewOf } from './view-state.js';
import { type Look, usualLook } from './viewer/look.js';
import { Viewer } from './viewer/viewer.js';

/** A burst of changes asks the server once. */
const restMs = 700;

export function App() {
  const [view, setView] = useState(() => viewOf(new URLSearchParams(location.search)));
  const [look, setWholeLook] = useState(usualLook);
  const [status, setStatus] = useState<Status | null>(null);
  const [problem, setProblem] = useState('');
  const [selected, setSelected] = useState(view.open?.index ?? 0);
  const [frame, setFrame] = useState<Image | null>(null);
  const [revision, redraw] = useReducer((count: number) => count + 1, 0);
  const live = useLive();
  const query = listQuery(view).toString();

  const pages = useMemo(() => {
    const came = () => {
      setProblem('');
      redraw(undefined);
    };
    return new ImagePages(new URLSearchParams(query), came, ({ message }) => setProblem(message));
  }, [query]);
  useEffect(() => () => pages.close(), [pages]);
  useEffect(() => {
    const timer = setTimeout(
      () => {
        getStatus().then(setStatus, ({ message }: Error) => setProblem(message));
        pages.refresh();
      },
      live.changes === 0 ? 0 : restMs,
    );
    return () => clearTimeout(timer);
  }, [live.changes, pages]);
  useEffect(() => {
    const back = () => setView(viewOf(new URLSearchParams(location.search)));
    addEventListener('popstate', back);
    return () => removeEventListener('popstate', back);
  }, []);

  const show = useCallback((next: ViewState, how: 'push' | 'replace') => {
    const query = addressOf(next).toString();
    const address = query === '' ? location.pathname : `?${query}`;
    if (how === 'push') history.pushState(null, '', address);
    else history.replaceState(null, '', address);
    setView(next);
  }, []);
  const open = (index: number) => {
    const image = pages.at(index);
    if (image === undefined) return;
    setSelected(index);
    setFrame(null);
    show({ ...view, open: { key: image.key, index } }, view.open === null ? 'push' : 'replace');
  };
  const goTo = useCallback((key: string) => {
    getDetails(key).then(setFrame, () => {});
  }, []);
  const setLook = (part: Partial<Look>) => setWholeLook((old) => ({ ...old, ...part }));

  const listed = view.open === null ? undefined : pages.at(view.open.index);
  const found = useFound(view.open?.key ?? null, listed);
  const current = frame ?? found;
  const total = pages.total;
  return (
    <>
      {view.open === null || current === null ? (
        <main class="all">
          <header>
            <h1>nerveflow</h1>
            <StatusLine status={status} live={live} problem={problem} />
          </header>
          <Filters
            view={view}
            change={(part) => {
              setSelected(0);
              show({ ...view, ...part }, 'replace');
            }}
          />
          <p class="count" role="status">
            {total === null ? 'loading' : `${total} image${total === 1 ? '' : 's'}`}
          </p>
          {total === 0 ? (
            <Empty isFiltered={query !== ''} status={status} />
          ) : (
            <Gallery
              pages={pages}
              revision={revision}
              selected={selected}
              select={setSelected}
              open={open}
            />
          )}
        </main>
      ) : (
        <Viewer
          image={current}
          index={view.open.index}
          total={total}
          neighbours={[
            pages.at(view.open.index + 1),
            view.open.index > 0 ? pages.at(view.open.index - 1) : undefined,
          ]}
          look={look}
          setLook={setLook}
          go={(by) => open(view.open!.index + by)}
          goTo={goTo}
          close={() => {
            setFrame(null);
            show({ ...view, open: null }, 'push');
          }}
        />
      )}
    </>
  );
}

function useLive(): Live {
  const [live, setLive] = useState(beforeLive);
  useEffect(() => listen(setLive), []);
  return live;
}

/** The image at its place in the list; where the list is another one by now, by its key. */
function useFound(key: string | null, listed: Image | undefined): Image | null {
  const [asked, setAsked] = useState<Image | null>(null);
  const isListed = listed?.key === key;
  const last = useRef<string | null>(null);
  useEffect(() => {
    if (key === null || isListed || last.current === key) return;
    last.current = key;
    getDetails(key).then(setAsked, () => {});
  }, [key, isListed]);
  if (key === null) return null;
  if (isListed) return listed!;
  return asked?.key === key ? asked : null;
}
