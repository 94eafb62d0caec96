// Forms and buttons that send something.

import { h } from './dom.js';
import { failure } from './session.js';

/** A handler that puts its button out of use while `work` runs, and shows in `trouble` what fails. */
export function action(trouble, work) {
  return async ({ currentTarget: button }) => {
    button.disabled = true;
    trouble.replaceChildren();
    try {
      await work();
    } catch (error) {
      trouble.replaceChildren(failure(error));
    } finally {
      button.disabled = false;
    }
  };
}

/** A form whose button is out of use while `submit` runs; `explain` makes what is shown of a failure. */
export function form(submit, button, fields, explain = failure) {
  const trouble = h('div');
  const send = h('button', { class: 'primary' }, button);
  return h('form', {
    onsubmit: async (event) => {
      event.preventDefault();
      send.disabled = true;
      trouble.replaceChildren();
      try {
        await submit(Object.fromEntries(new FormData(event.target)));
      } catch (error) {
        trouble.replaceChildren(explain(error));
      } finally {
        send.disabled = false;
      }
    },
  }, ...fields, trouble, send);
}
