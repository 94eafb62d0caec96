// What components share: models that they show, seconds, work that is in progress.

import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import { repeat } from './repeat.js';
import { askBeforeLeaving } from './router.js';
import { signInCount } from './session.js';
import { t } from './text.js';

/** Shows a component again whenever a model has changed. */
export function useModel(model) {
  const [, update] = useReducer((count) => count + 1, 0);
  useLayoutEffect(() => model.subscribe(update), [model]);
  return model;
}

/** Shows a component again every second. */
export function useSeconds() {
  const [, update] = useReducer((count) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(update, 1000);
    return () => clearInterval(timer);
  }, []);
}

/** Whether an element was in sight; `share` of it must be. */
export function useSeen(element, share = 0) {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const watch = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      setSeen(true);
      watch.disconnect();
    }, { threshold: share });
    watch.observe(element.current);
    return () => watch.disconnect();
  }, []);
  return isSeen;
}

/** Repeats `work` at intervals of `milliseconds` while a component is shown, also after a new sign-in; answers the last failure, if any. */
export function useRepeat(milliseconds, signal, work) {
  const [error, setError] = useState();
  const latest = useRef(work);
  latest.current = work;
  useEffect(() => {
    const gone = new AbortController();
    repeat(milliseconds, AbortSignal.any([signal, gone.signal]), () => latest.current(), setError);
    return () => gone.abort();
  }, [milliseconds, signal, signInCount()]);
  return error;
}

/** Runs `work` for a button or a form: `busy` while it runs, and the `error` with which it failed. */
export function useAction(work) {
  const [state, setState] = useState({ busy: false });
  const run = async (event) => {
    event?.preventDefault();
    const pressed = event?.submitter ?? event?.currentTarget;
    const target = event?.currentTarget;
    setState({ busy: true });
    try {
      await work(target);
      setState({ busy: false });
    } catch (error) {
      setState({ busy: false, error });
    }
    // A button that was out of use has lost the keyboard.
    setTimeout(() => { if (pressed?.isConnected && document.activeElement === document.body) pressed.focus(); });
  };
  return { ...state, run };
}

/** What a page shows: what it read last, until a change made here replaces it. */
export function useShown(data) {
  const [shown, setShown] = useState(data);
  useLayoutEffect(() => setShown(data), [data]);
  return [shown, setShown];
}

/** Asks before the page is left while `isClean` says that something typed would be lost. */
export function useLeaveWarning(isClean) {
  const latest = useRef(isClean);
  latest.current = isClean;
  useEffect(() => {
    const ask = () => latest.current() || confirm(t('leave.sure'));
    ask.isClean = () => latest.current();
    return askBeforeLeaving(ask);
  }, []);
}
