/** What is shown: all of it stands in the address, so that a view can be kept and shared. */
export interface ViewState {
  readonly split: 'all' | 'train' | 'test';
  readonly sort: 'name' | 'uncertainty' | 'area' | 'presence' | 'age';
  readonly order: 'asc' | 'desc';
  readonly empty: '' | 'yes' | 'no';
  readonly subject: string;
  readonly text: string;
  /** The image in the viewer, by its place in the list; null in the gallery. */
  readonly open: { readonly key: string; readonly index: number } | null;
}

export const firstView: ViewState = {
  ...{ split: 'all', sort: 'name', order: 'asc', empty: '', subject: '', text: '', open: null },
};

const choices = {
  split: ['all', 'train', 'test'],
  sort: ['name', 'uncertainty', 'area', 'presence', 'age'],
  order: ['asc', 'desc'],
  empty: ['', 'yes', 'no'],
} as const;

/** Whatever stands in an address; what nobody knows is left out. */
export function viewOf(address: URLSearchParams): ViewState {
  const chosen = <Name extends keyof typeof choices>(name: Name): ViewState[Name] => {
    const value = address.get(name);
    const known = choices[name] as readonly string[];
    return (value !== null && known.includes(value) ? value : firstView[name]) as ViewState[Name];
  };
  const key = address.get('image');
  const index = Number(address.get('at'));
  return {
    ...{ split: chosen('split'), sort: chosen('sort'), order: chosen('order') },
    empty: chosen('empty'),
    subject: address.get('subject') ?? '',
    text: address.get('text') ?? '',
    open: key === null ? null : { key, index: Number.isInteger(index) && index >= 0 ? index : 0 },
  };
}

/** The shortest address of a view. */
export function addressOf(view: ViewState): URLSearchParams {
  const address = listQuery(view);
  if (view.open !== null) {
    address.set('image', view.open.key);
    address.set('at', String(view.open.index));
  }
  return address;
}

/** What the server is asked for: the part of a view that decides the list. */
export function listQuery(view: ViewState): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of ['split', 'sort', 'order', 'empty', 'subject', 'text'] as const) {
    if (view[name] !== firstView[name]) query.set(name, view[name]);
  }
  return query;
}
