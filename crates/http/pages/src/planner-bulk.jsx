// The form that makes many rows at once.

import { wholesIn } from './planner-fields.jsx';
import { nextLabel } from './planner-edit.js';
import { NUMBERS } from './planner-rules.js';
import { t } from './text.js';
import { Field } from './ui.jsx';

const WHOLES = { count: 10, seats: 20, grow: 0, firstNumber: 1 };

/** The fields; with `isNext` the labels go on after `start`. */
export function BulkFields({ start = 'A', seats, isNext }) {
  const prefix = isNext ? 'more' : 'new';
  const values = { ...WHOLES, seats: seats ?? WHOLES.seats };
  const input = (name, step, value) => {
    const { low, high } = NUMBERS.bulk[name];
    return <Field key={name} label={t(`planner.${name}`)} id={`${prefix}-${name}`} name={name} type="number" min={low} max={high} step={step} defaultValue={value} />;
  };
  return (
    <>
      {Object.keys(WHOLES).map((name) => input(name, 1, values[name]))}
      <Field label={t('planner.start')} id={`${prefix}-start`} name="start" maxLength={10} autoComplete="off" defaultValue={isNext ? nextLabel(start) : start} hint={t('planner.startHint')} />
      <Field label={t('planner.direction')} id={`${prefix}-direction`} name="direction" as="select">
        {['ltr', 'rtl'].map((way) => <option key={way} value={way}>{t(`planner.${way}`)}</option>)}
      </Field>
      {input('curve', 'any', 0)}
      <Field label={t('planner.aisles')} id={`${prefix}-aisles`} name="aisles" required={false} autoComplete="off" hint={t('planner.aislesHint')} />
    </>
  );
}

/** The values of the form, for the edits of a plan. Throws if its aisles are not integers. */
export function bulkOf({ count, seats, grow, firstNumber, start, direction, curve, aisles }) {
  const positions = wholesIn(aisles);
  if (!positions || positions.includes(0)) throw new Error(t('planner.aislesWrong'));
  return {
    count: Number(count), seats: Number(seats), grow: Number(grow), firstNumber: Number(firstNumber), start: start.trim() || 'A', direction, curve: Number(curve), aisles: positions,
  };
}
