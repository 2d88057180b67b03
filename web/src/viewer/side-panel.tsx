import type { Image, ImageDetails } from '../api.js';
import { areaText, measureText } from '../figures.js';
import type { Look } from './look.js';

interface SidePanelProps {
  readonly image: Image;
  readonly details: ImageDetails | null;
  readonly look: Look;
  readonly setLook: (part: Partial<Look>) => void;
}

/** What is known of the image, and how it is shown. */
export function SidePanel({ image, details, look, setLook }: SidePanelProps) {
  const { prediction, spacing } = image;
  const measures = Object.entries(details?.measures ?? {});
  const facts: readonly (readonly [string, string | null])[] = [
    ['split', image.split === 'train' ? 'labelled' : 'to predict'],
    ['subject', image.subject],
    ['size', image.height === 0 ? null : `${image.height} x ${image.width} px`],
    ['pixel', spacing && `${spacing.rowMm.toPrecision(4)} x ${spacing.columnMm.toPrecision(4)} mm`],
    ['area', prediction && areaText(image)],
    ['uncertainty', prediction?.uncertainty?.toFixed(2) ?? null],
    ['evidence', prediction?.evidence?.toFixed(2) ?? null],
    ['model', prediction?.modelId ?? null],
  ];
  return (
    <aside class="panel" aria-label="About the image">
      <dl>
        {facts.map(([name, value]) => value && <Fact key={name} name={name} value={value} />)}
      </dl>
      <fieldset>
        <legend>Mask</legend>
        {(['outline', 'fill', 'off'] as const).map((overlay) => (
          <label key={overlay}>
            <input
              type="radio"
              name="overlay"
              checked={look.overlay === overlay}
              onChange={() => setLook({ overlay })}
            />
            {overlay}
          </label>
        ))}
        <label class={image.hasTruth ? '' : 'absent'}>
          <input
            type="checkbox"
            checked={look.showsTruth}
            disabled={!image.hasTruth}
            onChange={({ currentTarget }) => setLook({ showsTruth: currentTarget.checked })}
          />
          true mask <span class="truth">- - -</span>
        </label>
        <Slider
          name="opacity"
          value={look.opacity}
          most={1}
          set={(opacity) => setLook({ opacity })}
        />
      </fieldset>
      <fieldset>
        <legend>Picture</legend>
        <Slider
          name="brightness"
          value={look.brightness}
          most={3}
          set={(brightness) => setLook({ brightness })}
        />
        <Slider
          name="contrast"
          value={look.contrast}
          most={3}
          set={(contrast) => setLook({ contrast })}
        />
      </fieldset>
      {measures.length > 0 && (
        <details open>
          <summary>Measures</summary>
          <dl>
            {measures.map(([column, value]) => {
              if (value === null) return null;
              const text = measureText(column, value);
              return <Fact key={column} name={text.name} value={text.value} />;
            })}
          </dl>
        </details>
      )}
    </aside>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Slider(props: {
  readonly name: string;
  readonly value: number;
  readonly most: number;
  readonly set: (value: number) => void;
}) {
  const { name, value, most, set } = props;
  return (
    <label class="slider">
      <span>{name}</span>
      <input
        type="range"
        min={0}
        max={most}
        step={0.05}
        value={value}
        onInput={({ currentTarget }) => set(Number(currentTarget.value))}
      />
    </label>
  );
}
