import type { ViewState } from '../view-state.js';

interface FiltersProps {
  readonly view: ViewState;
  readonly change: (part: Partial<ViewState>) => void;
}

const splits = { all: 'all images', train: 'labelled', test: 'to predict' } as const;
const sorts = {
  ...{ name: 'name', uncertainty: 'uncertainty', area: 'area', presence: 'presence', age: 'age' },
} as const;
const empties = { '': 'any mask', no: 'with a mask', yes: 'empty mask' } as const;

/** Which images, in which order. */
export function Filters({ view, change }: FiltersProps) {
  return (
    <search class="filters">
      <Choice
        name="Show"
        options={splits}
        value={view.split}
        choose={(split) => change({ split })}
      />
      <Choice
        name="Masks"
        options={empties}
        value={view.empty}
        choose={(empty) => change({ empty })}
      />
      <Choice
        name="Sort by"
        options={sorts}
        value={view.sort}
        choose={(sort) => change({ sort, order: sort === 'name' ? 'asc' : 'desc' })}
      />
      <button
        type="button"
        aria-label={view.order === 'asc' ? 'ascending; reverse' : 'descending; reverse'}
        onClick={() => change({ order: view.order === 'asc' ? 'desc' : 'asc' })}
      >
        {view.order === 'asc' ? '↑' : '↓'}
      </button>
      <Words name="Name" value={view.text} write={(text) => change({ text })} />
      <Words name="Subject" value={view.subject} write={(subject) => change({ subject })} />
    </search>
  );
}

function Choice<Value extends string>(props: {
  readonly name: string;
  readonly options: Readonly<Record<Value, string>>;
  readonly value: Value;
  readonly choose: (value: Value) => void;
}) {
  const { name, options, value, choose } = props;
  return (
    <label>
      <span>{name}</span>
      <select value={value} onChange={(event) => choose(event.currentTarget.value as Value)}>
        {(Object.keys(options) as Value[]).map((each) => (
          <option key={each} value={each}>
            {options[each]}
          </option>
        ))}
      </select>
    </label>
  );
}

function Words(props: {
  readonly name: string;
  readonly value: string;
  readonly write: (text: string) => void;
}) {
  const { name, value, write } = props;
  return (
    <label>
      <span>{name}</span>
      <input type="search" value={value} onInput={(event) => write(event.currentTarget.value)} />
    </label>
  );
}
